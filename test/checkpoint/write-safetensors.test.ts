import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeTensor } from "../../src/checkpoint/decode-tensor.ts";
import { readHeader } from "../../src/checkpoint/safetensors.ts";
import { encodeSafetensors } from "../../src/checkpoint/write-safetensors.ts";

const accessOf = (bytes: Uint8Array) => ({
  size: bytes.length,
  read: async (offset: number, length: number) => bytes.slice(offset, offset + length),
});

test("what is read is what was written", async () => {
  const tensor = fc.record({
    name: fc.string({ minLength: 1 }).filter((name) => !name.startsWith("__")),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
  });
  const some = fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(some, async (shapes) => {
      const tensors = shapes.map(({ name, shape }, t) => ({
        ...{ name, shape },
        values: Float32Array.from(
          { length: shape.reduce((a, b) => a * b, 1) },
          (_, i) => t + i / 7,
        ),
      }));
      const bytes = encodeSafetensors(tensors, { note: "ü" });
      const read = await readHeader(accessOf(bytes), "memory");
      expect([...read.keys()].sort()).toEqual(tensors.map(({ name }) => name).sort());
      for (const { name, shape, values } of tensors) {
        const found = read.get(name)!;
        expect(found.shape).toEqual(shape);
        expect(found.offset % 4).toBe(0);
        expect(await decodeTensor(found)).toEqual(values);
      }
    }),
    { numRuns: 50 },
  );
});

test("the header has its length in front, and ends at a multiple of eight", () => {
  const bytes = encodeSafetensors([{ name: "a", shape: [2], values: Float32Array.of(1, 2) }]);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  expect(bytes.length).toBe(8 + length + 8);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  expect(header).toEqual({
    __metadata__: { format: "pt" },
    a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
  });
});

test("two tensors of one name, or a shape that does not fit, are refused", () => {
  const tensor = { name: "a", shape: [2], values: Float32Array.of(1, 2) };
  expect(() => encodeSafetensors([tensor, tensor])).toThrow(/two tensors/);
  expect(() => encodeSafetensors([{ ...tensor, shape: [3] }])).toThrow(/2 values/);
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeTensor } from "../../src/checkpoint/decode-tensor.ts";
import { readHeader } from "../../src/checkpoint/safetensors.ts";
import { InputError } from "../../src/model/issue.ts";
import { bytesAccess, f32, rawFile, safetensors } from "./memory-files.ts";

const read = (bytes: Uint8Array) => readHeader(bytesAccess(bytes), "w/model.safetensors");

/** The message that a broken file gives. */
async function messageOf(bytes: Uint8Array): Promise<string> {
  const error = await read(bytes).then(
    () => new Error("no error"),
    (e: unknown) => e as Error,
  );
  expect(error).toBeInstanceOf(InputError);
  return error.message;
}

const header = (entry: unknown, data = new Uint8Array(8)) =>
  rawFile(JSON.stringify({ w: entry }), data);

const withLength = (length: bigint, size = 64): Uint8Array => {
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
};

describe("broken headers", () => {
  test.each([
    ["an empty file", new Uint8Array(0), "found a file of 0 bytes; allowed: a safetensors file"],
    ["five bytes", new Uint8Array(5), "found a file of 5 bytes"],
    ["a length of 2^60", withLength(2n ** 60n), `a header of ${2n ** 60n} bytes in a file of 64`],
    ["a length of 2^64 - 1", withLength(2n ** 64n - 1n), "a header of 18446744073709551615 bytes"],
    ["a length one too long", withLength(57n), "a header of 57 bytes in a file of 64 bytes"],
    ["zeros", withLength(56n), "found a header that is not JSON"],
    ["half a header", rawFile('{"w": {"dtype": "F3'), "found a header that is not JSON"],
    ["a list", rawFile("[1, 2]"), "found a header that is not an object"],
    ["null", rawFile("null"), "found a header that is not an object"],
    ["a number as entry", header(3), "#/w: found 3; allowed: an object"],
    [
      "an LFS pointer",
      new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"),
      "found a Git LFS pointer",
    ],
    [
      "an unknown dtype",
      header({ dtype: "Q4_K", shape: [2], data_offsets: [0, 8] }),
      '#/w/dtype: found "Q4_K"; allowed: F64, F32, F16, BF16',
    ],
    [
      "a negative dimension",
      header({ dtype: "F32", shape: [-2], data_offsets: [0, 8] }),
      "#/w/shape: found [-2]; allowed: a list of whole numbers >= 0",
    ],
    [
      "a shape too big for its bytes",
      header({ dtype: "F32", shape: [3], data_offsets: [0, 8] }),
      "#/w/data_offsets: found [0, 8], 8 bytes; allowed: 12 bytes: shape [3] of F32",
    ],
    [
      "a shape whose size overflows",
      header({ dtype: "F32", shape: [2 ** 40, 2 ** 40], data_offsets: [0, 8] }),
      "#/w/data_offsets",
    ],
    [
      "offsets backwards",
      header({ dtype: "F32", shape: [2], data_offsets: [8, 0] }),
      "found [8, 0], -8 bytes",
    ],
    ["no offsets", header({ dtype: "F32", shape: [2] }), "#/w/data_offsets: found something else"],
    [
      "data beyond the file",
      header({ dtype: "F32", shape: [4], data_offsets: [0, 16] }),
      "the file is cut off",
    ],
    [
      "a gap",
      header({ dtype: "F32", shape: [1], data_offsets: [4, 8] }),
      "found begin 4, after unused bytes; allowed: begin 0",
    ],
    [
      "a tensor twice",
      rawFile(
        '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        new Uint8Array(4),
      ),
      "1 repeated tensor names",
    ],
    ["text that is not UTF-8", withLength(8n, 16).fill(0xff, 8), "not UTF-8"],
  ])("%s", async (_name, bytes, message) => {
    expect(await messageOf(bytes)).toContain(message);
  });

  test("overlapping tensors", async () => {
    const bytes = rawFile(
      JSON.stringify({
        a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
        b: { dtype: "F32", shape: [1], data_offsets: [4, 8] },
      }),
      new Uint8Array(8),
    );
    expect(await messageOf(bytes)).toContain(
      "#/b/data_offsets: found begin 4, inside another tensor",
    );
  });

  test("all issues come at once", async () => {
    const bytes = rawFile(
      JSON.stringify({
        a: { dtype: "F31", shape: [2], data_offsets: [0, 8] },
        "b/c": { dtype: "F32", shape: [2], data_offsets: [8, 12] },
      }),
      new Uint8Array(16),
    );
    const message = await messageOf(bytes);
    expect(message).toContain("w/model.safetensors#/a/dtype");
    expect(message).toContain("w/model.safetensors#/b~1c/data_offsets");
  });
});

const tensorsOf = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 12 }).filter((name) => name !== "__metadata__"),
  fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((shape) =>
    fc
      .array(fc.float({ noNaN: true }), {
        minLength: shape.reduce((a, b) => a * b, 1),
        maxLength: shape.reduce((a, b) => a * b, 1),
      })
      .map((values) => f32(shape, values)),
  ),
  { maxKeys: 5, noNullPrototype: true },
);

describe("laws", () => {
  test("what is written is read back", async () => {
    await fc.assert(
      fc.asyncProperty(tensorsOf, async (tensors) => {
        const stored = await read(safetensors(tensors));
        expect([...stored.keys()].sort()).toEqual(Object.keys(tensors).sort());
        for (const [name, { shape, bytes }] of Object.entries(tensors)) {
          expect(stored.get(name)!.shape).toEqual(shape);
          const values = await decodeTensor(stored.get(name)!);
          expect(new Uint8Array(values.buffer)).toEqual(bytes);
        }
      }),
    );
  });

  test("a file cut off anywhere is an error that names the file", async () => {
    const whole = safetensors({ a: f32([2, 3], [1, 2, 3, 4, 5, 6]), b: f32([2], [7, 8]) });
    for (let size = 0; size < whole.length; size++)
      expect(await messageOf(whole.subarray(0, size))).toContain("w/model.safetensors");
  });

  test("a changed byte of the header is an error or another valid header, never a crash", async () => {
    const whole = safetensors({ a: f32([2, 3], [1, 2, 3, 4, 5, 6]), b: f32([2], [7, 8]) });
    const headerBytes = whole.length - 32;
    await fc.assert(
      fc.asyncProperty(fc.nat(headerBytes - 1), fc.nat(255), async (at, value) => {
        const changed = whole.slice();
        changed[at] = value;
        await read(changed).catch((error: unknown) => expect(error).toBeInstanceOf(InputError));
      }),
      { numRuns: 500 },
    );
  });
});

test("a file that shrinks while it is read is an error", async () => {
  const bytes = safetensors({ a: f32([2], [1, 2]) });
  const shrunk = { size: bytes.length, read: bytesAccess(bytes.subarray(0, -1)).read };
  const tensors = await readHeader(shrunk, "m.safetensors");
  await expect(decodeTensor(tensors.get("a")!)).rejects.toThrow("7 bytes at offset");
});

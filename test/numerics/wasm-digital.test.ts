import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { createReferenceEngine } from "../../src/numerics/engines/reference.ts";
import { createWasmEngine } from "../../src/numerics/engines/wasm.ts";
import { fillNormals, type NoiseAddress } from "../../src/random/philox.ts";

fc.configureGlobal({ seed: 20 });
const engine = createWasmEngine();
const HERE: NoiseAddress = { seed: 1, matrix: 0, block: 0, purpose: "calibration", row: 0 };

function normals(n: number, row: number): Float32Array {
  const out = new Float32Array(n);
  fillNormals(out, { ...HERE, row });
  return out;
}

const anyShape = fc.record({
  rows: fc.integer({ min: 0, max: 13 }),
  inputs: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 250, max: 530 })),
  outputs: fc.integer({ min: 1, max: 70 }),
  seed: fc.nat(1e6),
});

test("the kernels run here", () => {
  expect(engine.fallbackReason).toBe(null);
});

describe("digital products", () => {
  test("equal the reference bit for bit, for any shape", () => {
    fc.assert(
      fc.property(anyShape, ({ rows, inputs, outputs, seed }) => {
        const weights = normals(outputs * inputs, seed);
        const x = normals(rows * inputs, seed + 1);
        const ids = new Uint32Array(rows);
        const expected = new Float32Array(rows * outputs);
        createReferenceEngine().digital(weights, outputs, inputs).apply(x, rows, ids, expected);
        const y = new Float32Array(rows * outputs).fill(Number.NaN);
        const projection = engine.digital(weights, outputs, inputs);
        projection.apply(x, rows, ids, y);
        projection.dispose();
        expect(y).toEqual(expected);
      }),
    );
  });

  test("do not depend on how rows are batched", () => {
    const [rows, inputs, outputs] = [261, 300, 33];
    const x = normals(rows * inputs, 1);
    const projection = engine.digital(normals(outputs * inputs, 2), outputs, inputs);
    const all = new Float32Array(rows * outputs);
    projection.apply(x, rows, new Uint32Array(rows), all);
    const one = new Float32Array(outputs);
    for (let row = 0; row < rows; row++) {
      projection.apply(x.subarray(row * inputs), 1, new Uint32Array(1), one);
      expect(one).toEqual(all.slice(row * outputs, (row + 1) * outputs));
    }
  });

  test("refuse what is not finite", () => {
    expect(() => engine.digital(Float32Array.of(1, Number.NaN), 1, 2)).toThrow("weight [0][1]");
    const projection = engine.digital(Float32Array.of(1, 2, 3, 4), 2, 2);
    const apply = (x: Float32Array) =>
      projection.apply(x, 2, new Uint32Array(2), new Float32Array(4));
    expect(() => apply(Float32Array.of(0, 0, Infinity, 0))).toThrow("input [1][0]");
    expect(() => apply(Float32Array.of(0))).toThrow("2 rows");
    const many = new Float32Array(2 * 200);
    many[2 * 150 + 1] = Number.NaN;
    const y = new Float32Array(2 * 200);
    expect(() => projection.apply(many, 200, new Uint32Array(200), y)).toThrow("input [150][1]");
    expect(() => engine.digital(new Float32Array(3), 2, 2)).toThrow("2 x 2");
  });
});

describe("memory", () => {
  test("is reused after dispose, so that programming again and again does not leak", () => {
    const own = createWasmEngine();
    const program = () => own.digital(new Float32Array(64 * 64), 64, 64);
    const first = program();
    const used_B = own.used_B();
    expect(used_B).toBe(64 * 64 * 4);
    first.dispose();
    first.dispose();
    expect(own.used_B()).toBe(0);
    for (let i = 0; i < 100; i++) program().dispose();
    expect(own.used_B()).toBe(0);
    const kept = program();
    own.release();
    expect(own.used_B()).toBe(0);
    const y = new Float32Array(64);
    expect(() => kept.apply(new Float32Array(64), 1, new Uint32Array(1), y)).toThrow("disposed");
    kept.dispose();
    expect(own.used_B()).toBe(0);
  });

  test("grows, and what is in it stays", () => {
    const own = createWasmEngine();
    const weights = normals(8 * 8, 3);
    const small = own.digital(weights, 8, 8);
    own.digital(new Float32Array(1024 * 1024), 1024, 1024);
    const y = new Float32Array(8);
    const expected = new Float32Array(8);
    const x = normals(8, 4);
    small.apply(x, 1, new Uint32Array(1), y);
    createReferenceEngine().digital(weights, 8, 8).apply(x, 1, new Uint32Array(1), expected);
    expect(y).toEqual(expected);
  });
});

test("normals equal those of random.ts bit for bit", () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.maxSafeNat(),
        matrix: fc.nat(2 ** 32 - 1),
        block: fc.nat(2 ** 24 - 1),
        purpose: fc.constantFrom("output", "weight-read", "programming-minus"),
        row: fc.nat(2 ** 32 - 1),
      }),
      fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant(5000)),
      (address, n) => {
        const expected = new Float32Array(n);
        fillNormals(expected, address as NoiseAddress);
        const out = new Float32Array(n);
        engine.fillNormals(out, address as NoiseAddress);
        expect(out).toEqual(expected);
      },
    ),
  );
});

test("without WebAssembly the reference runs, and says why", () => {
  vi.stubGlobal("WebAssembly", undefined);
  const fallback = createWasmEngine();
  vi.unstubAllGlobals();
  expect(fallback.name).toBe("reference");
  expect(fallback.fallbackReason).toContain("there is no WebAssembly");
  const y = new Float32Array(1);
  const projection = fallback.digital(Float32Array.of(2), 1, 1);
  projection.apply(Float32Array.of(3), 1, new Uint32Array(1), y);
  projection.dispose();
  expect(y[0]).toBe(6);
});

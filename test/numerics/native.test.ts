import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadBlas } from "../../src/cli/blas.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import { createReferenceEngine } from "../../src/numerics/engines/reference.ts";

const native = await loadBlas();
const NO_IDS = new Uint32Array(64);

/** Small whole numbers: their products and sums are exact in float32, in any order. */
const whole = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => ((i * 2654435761 + seed * 40503) % 17) - 8);

describe.skipIf(native.product === null)(
  "native products (skipped where OpenBLAS is absent)",
  () => {
    const engine = createEngine("native", native);

    test("run under their own name", () => {
      expect(engine).toMatchObject({ name: "native", fallbackReason: null });
    });

    test("equal the reference on whole numbers, whatever the shape", () => {
      fc.assert(
        fc.property(
          fc.nat(33),
          fc.integer({ min: 1, max: 40 }),
          fc.integer({ min: 1, max: 40 }),
          fc.nat(99),
          (rows, outputs, inputs, seed) => {
            const weights = whole(outputs * inputs, seed);
            const x = whole(rows * inputs, seed + 1);
            const [ours, theirs] = [createReferenceEngine(), engine].map((e) => {
              const y = new Float32Array(rows * outputs);
              e.digital(weights, outputs, inputs).apply(x, rows, NO_IDS, y);
              return y;
            });
            expect(theirs).toEqual(ours);
          },
        ),
        { numRuns: 200 },
      );
    });

    test("take weights in shared memory", () => {
      const weights = new Float32Array(new SharedArrayBuffer(16));
      weights.set([1, 2, 3, 4]);
      const y = new Float32Array(2);
      engine.digital(weights, 2, 2).apply(Float32Array.of(5, 6), 1, NO_IDS, y);
      expect([...y]).toEqual([17, 39]);
    });
  },
);

test("without a library the wasm engine runs, and says why", () => {
  const engine = createEngine("native", { product: null, reason: "no OpenBLAS" });
  expect(engine.name).toBe("wasm");
  expect(engine.fallbackReason).toContain("no OpenBLAS");
  const y = new Float32Array(1);
  engine.digital(Float32Array.of(2, 3), 1, 2).apply(Float32Array.of(5, 7), 1, NO_IDS, y);
  expect(y[0]).toBe(31);
});

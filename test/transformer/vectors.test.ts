import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createWasmEngine } from "../../src/numerics/engines/wasm.ts";
import { PLAIN_VECTORS } from "../../src/transformer/vectors.ts";
import { uniforms } from "./random-model.ts";

const engine = createWasmEngine();
const wasm = engine.vectors!;

/** Of either sign, from far below 1 to far above it; some zeros of either sign. */
function numbers(length: number, seed: number, reach = 6): Float32Array {
  const next = uniforms(seed);
  return Float32Array.from({ length }, (_, i) =>
    i % 17 === 5 ? 0 : i % 17 === 11 ? -0 : next() * 10 ** (reach * next()),
  );
}

/** Equal bit for bit, signs of zero and all. */
function expectSame(a: Float32Array, b: Float32Array): void {
  expect(new Uint32Array(a.buffer)).toEqual(new Uint32Array(b.buffer));
}

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  width: fc.integer({ min: 1, max: 45 }),
  seed: fc.integer({ min: 1, max: 2 ** 31 }),
});

describe("kernels between products are those in TypeScript, bit for bit", () => {
  test("in WebAssembly, where it runs", () => expect(engine.fallbackReason).toBeNull());

  test("rmsNorm, in place too", () => {
    fc.assert(
      fc.property(shapes, ({ rows, width, seed }) => {
        const [x, weight] = [numbers(rows * width + 3, seed), numbers(width, seed + 1)];
        const [a, b] = [x.slice(), x.slice()];
        wasm.rmsNorm(a, rows, weight, 1e-6, a);
        PLAIN_VECTORS.rmsNorm(x, rows, weight, 1e-6, b);
        expectSame(a, b);
      }),
    );
  });

  test("addTo, swiglu", () => {
    fc.assert(
      fc.property(shapes, ({ rows, width, seed }) => {
        const count = rows * width;
        const from = numbers(count + 2, seed);
        for (const kernel of ["addTo", "swiglu"] as const) {
          // Gates from where the exponential is 1 to where it is 0.
          const [a, b] = [numbers(count + 1, seed + 1), numbers(count + 1, seed + 1)];
          wasm[kernel](a, from, count);
          PLAIN_VECTORS[kernel](b, from, count);
          expectSame(a, b);
        }
      }),
    );
  });

  test("addWeighted", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 4 }), ({ rows, width, seed }, k) => {
        const count = rows * k;
        const y = numbers(count * width, seed);
        const weights = numbers(count, seed + 1, 0);
        const slots = Int32Array.from({ length: count }, (_, i) => i);
        const next = uniforms(seed);
        slots.sort(() => next());
        const [a, b] = [numbers(rows * width, seed + 2), numbers(rows * width, seed + 2)];
        wasm.addWeighted(y, slots, weights, count, k, width, a);
        PLAIN_VECTORS.addWeighted(y, slots, weights, count, k, width, b);
        expectSame(a, b);
      }),
    );
  });

  test("logSumExp, of logits near each other and 1e5 apart", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 5 }), ({ rows, width, seed }, reach) => {
        const x = numbers(rows * width, seed, reach);
        for (let row = 0; row < rows; row++)
          expect(wasm.logSumExp(x, row * width, width)).toBe(
            PLAIN_VECTORS.logSumExp(x, row * width, width),
          );
      }),
    );
  });

  test("klDivergence, of distributions near each other and far apart", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 3 }), ({ rows, width, seed }, reach) => {
        const [x, y] = [numbers(width, seed, reach), numbers(width, seed + rows, reach)];
        const [a, b] = [x, y].map((logits) => wasm.logSumExp(logits, 0, width)) as [number, number];
        const logP = Float32Array.from({ length: width + 3 }, (_, i) => (x[i - 3] ?? 0) - a);
        const divergence = (kernels: typeof wasm) => kernels.klDivergence(logP, 3, y, 0, b, width);
        expect(divergence(wasm)).toBe(divergence(PLAIN_VECTORS));
      }),
    );
  });

  test("more than goes through at a time", () => {
    const [rows, width] = [301, 256];
    const [x, weight, up] = [numbers(rows * width, 1), numbers(width, 2), numbers(rows * width, 3)];
    const slots = Int32Array.from({ length: rows }, (_, i) => (i * 7) % rows);
    const all = ({ rmsNorm, addTo, swiglu, addWeighted }: typeof wasm): Float32Array => {
      const y = x.slice();
      rmsNorm(y, rows, weight, 1e-5, y);
      swiglu(y, up, rows * width);
      addTo(y, x, rows * width);
      addWeighted(up, slots, x, rows, 1, width, y);
      return y;
    };
    expectSame(all(wasm), all(PLAIN_VECTORS));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("a logit of %d is an error", (logit) => {
    const x = Float32Array.from([1, 2, logit, 4, 5, 6]);
    for (const { logSumExp } of [wasm, PLAIN_VECTORS])
      expect(() => logSumExp(x, 0, 6)).toThrow(/finite/);
    const few = Float32Array.from([1, Number.NEGATIVE_INFINITY, 3, 0, 0]);
    expect(wasm.logSumExp(few, 0, 5)).toBe(PLAIN_VECTORS.logSumExp(few, 0, 5));
  });
});

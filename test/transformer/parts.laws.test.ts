import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttentionShape } from "../../src/numerics/engine.ts";
import { createWasmEngine } from "../../src/numerics/engines/wasm.ts";
import { createAttention } from "../../src/transformer/attention.ts";
import { expOfNegative } from "../../src/transformer/exp.ts";
import { rmsNorm } from "../../src/transformer/rms-norm.ts";
import { rotaryTable, rotate } from "../../src/transformer/rope.ts";
import { dispatch, routeTopK } from "../../src/transformer/router.ts";
import { randomVector, uniforms } from "./random-model.ts";

const seeds = fc.integer({ min: 1, max: 2 ** 31 });

test("e^x for x <= 0 within 1e-9", () => {
  let worst = 0;
  for (let x = 0; x > -700; x -= 0.0371)
    worst = Math.max(worst, Math.abs(expOfNegative(x) / Math.exp(x) - 1));
  expect(worst).toBeLessThan(1e-9);
  expect(expOfNegative(0)).toBe(1);
  expect(expOfNegative(-0.5 * Math.LN2)).toBeCloseTo(Math.SQRT1_2, 9);
  expect(expOfNegative(-1e30)).toBe(0);
});

const attentions = { typescript: createAttention(), wasm: createWasmEngine().attend! };

test.each(Object.entries(attentions))(
  "attention equals its formula, written down plainly (%s)",
  (_name, attend) => {
    fc.assert(
      fc.property(
        seeds,
        fc.array(fc.integer({ min: 1, max: 21 }), { minLength: 1, maxLength: 3 }),
        fc.constantFrom([4, 4], [4, 2], [6, 1], [1, 1]),
        fc.constantFrom(2, 6, 8, 16),
        (seed, lengths, [heads, kvHeads], headFeatures) => {
          const shape = { heads: heads!, kvHeads: kvHeads!, headFeatures };
          const rows = lengths.reduce((a, b) => a + b);
          const next = uniforms(seed);
          const q = randomVector(rows * shape.heads * headFeatures, () => 3 * next());
          const k = randomVector(rows * shape.kvHeads * headFeatures, () => 3 * next());
          const v = randomVector(rows * shape.kvHeads * headFeatures, next);
          const y = new Float32Array(q.length).fill(Number.NaN);
          const begins = Int32Array.from([0, ...lengths]);
          for (let w = 1; w < begins.length; w++) begins[w] = begins[w]! + begins[w - 1]!;
          attend(shape, q, k, v, begins, y);
          const expected = plainAttention(shape, q, k, v, begins);
          const worst = y.reduce(
            (most, value, i) => Math.max(most, Math.abs(value - expected[i]!)),
            0,
          );
          // float32 sums of up to 16 products of size 9, in an exponent: 16 * 9 * 2^-24 each
          expect(worst).toBeLessThan(1e-5);
          expect(y.every(Number.isFinite)).toBe(true);
        },
      ),
      { numRuns: 80 },
    );
  },
);

test.each(Object.entries(attentions))(
  "attention over keys that score far apart picks the best of them (%s)",
  (_name, attend) => {
    const shape = { heads: 1, kvHeads: 1, headFeatures: 8 };
    const k = Float32Array.from({ length: 9 * 8 }, (_, i) => (i === 3 * 8 ? 1e4 : 0));
    const v = Float32Array.from({ length: 9 * 8 }, (_, i) => Math.floor(i / 8));
    const y = new Float32Array(9 * 8);
    attend(shape, new Float32Array(9 * 8).fill(1), k, v, Int32Array.of(0, 9), y);
    // before key 3 all score alike, from it on nothing else counts
    expect([0, 1, 2, 3, 8].map((row) => y[row * 8])).toEqual([0, 0.5, 1, 3, 3]);
  },
);

function plainAttention(
  { heads, kvHeads, headFeatures: width }: AttentionShape,
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  begins: Int32Array,
): number[] {
  const head = (x: Float32Array, row: number, h: number, count: number): number[] => [
    ...x.subarray((row * count + h) * width, (row * count + h + 1) * width),
  ];
  const y: number[] = [];
  for (let w = 0; w + 1 < begins.length; w++)
    for (let i = begins[w]!; i < begins[w + 1]!; i++)
      for (let h = 0; h < heads; h++) {
        const kv = Math.floor((h * kvHeads) / heads);
        const visible = Array.from({ length: i - begins[w]! + 1 }, (_, j) => begins[w]! + j);
        const query = head(q, i, h, heads);
        const scores = visible.map((j) => {
          const key = head(k, j, kv, kvHeads);
          return Math.exp(key.reduce((sum, x, c) => sum + x * query[c]!, 0) / Math.sqrt(width));
        });
        const total = scores.reduce((a, b) => a + b);
        for (let c = 0; c < width; c++) {
          const terms = visible.map((j, n) => (scores[n]! / total) * head(v, j, kv, kvHeads)[c]!);
          y.push(terms.reduce((a, b) => a + b));
        }
      }
  return y;
}

test("a norm gives rows of root mean square one, whatever their size", () => {
  fc.assert(
    fc.property(
      seeds,
      fc.double({ min: 0.01, max: 1000, noNaN: true }),
      fc.integer({ min: 1, max: 21 }),
      (seed, size, width) => {
        const x = randomVector(3 * width, uniforms(seed)).map((value) => value * size);
        const y = new Float32Array(x.length);
        rmsNorm(x, 3, new Float32Array(width).fill(2), 0, y);
        for (let row = 0; row < 3; row++) {
          const squares = y.subarray(width * row, width * (row + 1)).map((v) => v * v);
          expect(Math.sqrt(squares.reduce((a, b) => a + b) / width)).toBeCloseTo(2, 5);
        }
      },
    ),
  );
});

test("a norm of zeros is zeros", () => {
  const y = new Float32Array(4).fill(9);
  rmsNorm(new Float32Array(4), 1, new Float32Array(4).fill(1), 1e-6, y);
  expect([...y]).toEqual([0, 0, 0, 0]);
});

test("rotation keeps lengths, and products of rotated heads depend on their distance only", () => {
  const table = rotaryTable(10000, 8, 64);
  const [query, key] = [1, 2].map((seed) => randomVector(8, uniforms(seed)));
  const at = (head: Float32Array, position: number): Float32Array => {
    const x = new Float32Array(64 * 8);
    x.set(head, position * 8);
    rotate(x, 1, Int32Array.of(0, 64), table);
    return x.slice(position * 8, position * 8 + 8);
  };
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  expect(at(query!, 0)).toEqual(query);
  const near = dot(at(query!, 9), at(key!, 4));
  for (let shift = 1; shift < 50; shift++) {
    expect(dot(at(query!, 9 + shift), at(key!, 4 + shift))).toBeCloseTo(near, 5);
    expect(dot(at(query!, shift), at(query!, shift))).toBeCloseTo(dot(query!, query!), 5);
  }
  expect(dot(at(query!, 9), at(key!, 5))).not.toBeCloseTo(near, 3);
});

test("the first feature is paired with the first of the second half, and turns by the position", () => {
  const x = Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0); // position 1: (1, 0) in the first pair
  rotate(x, 1, Int32Array.of(0, 2), rotaryTable(10000, 4, 2));
  expect(x[4]).toBeCloseTo(Math.cos(1), 6);
  expect(x[6]).toBeCloseTo(Math.sin(1), 6);
});

test("the router picks the k most probable experts; weights are their softmax values", () => {
  fc.assert(
    fc.property(
      // few values, so that ties are common
      fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 30 }),
      fc.nat(),
      (values, pick) => {
        const experts = values.length;
        const k = 1 + (pick % experts);
        const logits = Float32Array.from([...values, ...values], (v) => v / 4);
        const chosen = new Int32Array(2 * k);
        const weights = new Float32Array(2 * k);
        routeTopK(logits, 2, experts, k, chosen, weights);
        const total = values.reduce((sum, v) => sum + Math.exp(v / 4), 0);
        const best = values.map((_, e) => e).sort((a, b) => values[b]! - values[a]! || a - b);
        expect([...chosen]).toEqual([...best.slice(0, k), ...best.slice(0, k)]);
        chosen.forEach((expert, i) => {
          expect(weights[i]).toBeCloseTo(Math.exp(values[expert]! / 4) / total, 6);
        });
      },
    ),
  );
});

test("dispatch gives each expert its rows in order, and loses none", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 40 }), (choices) => {
      const result = { begin: new Int32Array(8), slots: new Int32Array(choices.length) };
      dispatch(Int32Array.from(choices), choices.length, 7, result);
      const sorted = choices.map((_, i) => i).sort((a, b) => choices[a]! - choices[b]! || a - b);
      expect([...result.slots]).toEqual(sorted);
      for (let e = 0; e < 7; e++)
        expect(result.begin[e + 1]! - result.begin[e]!).toBe(
          choices.filter((choice) => choice === e).length,
        );
    }),
  );
});

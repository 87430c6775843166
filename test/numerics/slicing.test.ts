import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEngine } from "../../src/numerics/engines/index.ts";
import type { ProgramRequest, Slicing } from "../../src/numerics/program.ts";
import { createSlicedProjection } from "../../src/numerics/slicing.ts";
import { device, matrixOf, maxAbs, mean, normals, numericsWith, std, tiling } from "./support.ts";

const engine = createEngine("reference");
const OUTPUTS = 12;
const INPUTS = 20;
const w = normals(OUTPUTS * INPUTS, 70, 0.1);

const requestWith = (change: Partial<ProgramRequest> = {}): ProgramRequest => ({
  weights: w,
  matrix: matrixOf(OUTPUTS, INPUTS),
  blocks: tiling(OUTPUTS, INPUTS, INPUTS, OUTPUTS),
  numerics: numericsWith(),
  inputBits: 8,
  outputBits: 0,
  inputRanges: null,
  seed: 3,
  noise_scale: 1,
  age_s: 0,
  ...change,
});

function run(request: ProgramRequest, slicing: Slicing, x: Float32Array): Float32Array {
  const rows = x.length / request.matrix.inputs;
  const y = new Float32Array(rows * request.matrix.outputs);
  const ids = Uint32Array.from({ length: rows }, (_, i) => i);
  createSlicedProjection(engine, request, slicing).apply(x, rows, ids, y);
  return y;
}

/** The product of weights and inputs rounded to their codes, in float64. */
function coded(x: Float32Array, weightBits: number, rowsOfBlock: number): Float64Array {
  const rows = x.length / INPUTS;
  const codeMax = 2 ** weightBits - 1;
  const y = new Float64Array(rows * OUTPUTS);
  for (let begin = 0; begin < INPUTS; begin += rowsOfBlock) {
    const end = Math.min(begin + rowsOfBlock, INPUTS);
    for (let row = 0; row < rows; row++) {
      const range = maxAbs(x.subarray(row * INPUTS + begin, row * INPUTS + end));
      for (let o = 0; o < OUTPUTS; o++) {
        const alpha = maxAbs(w.subarray(o * INPUTS + begin, o * INPUTS + end));
        for (let k = begin; k < end; k++) {
          const wc = Math.round((Math.abs(w[o * INPUTS + k]!) / alpha) * codeMax);
          const xc = Math.round((Math.abs(x[row * INPUTS + k]!) / range) * 127);
          const sign = Math.sign(w[o * INPUTS + k]!) * Math.sign(x[row * INPUTS + k]!);
          y[row * OUTPUTS + o]! += (sign * wc * xc * alpha * range) / codeMax / 127;
        }
      }
    }
  }
  return y;
}

describe("bit slices and phases", () => {
  const x = normals(3 * INPUTS, 71);

  test("with ideal devices give the product of the codes, however they are cut", () => {
    const cut = fc.record({
      slices: fc.integer({ min: 1, max: 4 }),
      cell_bits: fc.integer({ min: 1, max: 4 }),
      bits_per_phase: fc.integer({ min: 1, max: 7 }),
    });
    fc.assert(
      fc.property(cut, fc.integer({ min: 3, max: INPUTS }), (slicing, rowsOfBlock) => {
        const blocks = tiling(OUTPUTS, INPUTS, rowsOfBlock, 5);
        const y = run(requestWith({ blocks }), slicing, x);
        const exact = coded(x, slicing.slices * slicing.cell_bits, rowsOfBlock);
        for (let i = 0; i < y.length; i++)
          expect(Math.abs(y[i]! - exact[i]!)).toBeLessThan(1e-5 * maxAbs(exact));
      }),
      { numRuns: 40 },
    );
  });

  test("more cells of a weight bring it nearer to the digital product", () => {
    const exact = coded(x, 30, INPUTS);
    const error = (slices: number) =>
      maxAbs(
        run(requestWith(), { slices, cell_bits: 2, bits_per_phase: 1 }, x).map(
          (v, i) => v - exact[i]!,
        ),
      );
    expect(error(2)).toBeLessThan(error(1) / 2);
    expect(error(4)).toBeLessThan(error(2) / 8);
  });

  test("each read has its own noise: variances add up with the squares of their weights", () => {
    const sigma = 0.02;
    const output_noise = { std: sigma, source: "t", evidence: "assumed" } as const;
    const request = requestWith({ numerics: numericsWith({ output_noise }) });
    const slicing = { slices: 2, cell_bits: 2, bits_per_phase: 4 };
    const rows = 20000;
    const one = x.subarray(0, INPUTS);
    const batch = new Float32Array(rows * INPUTS);
    for (let row = 0; row < rows; row++) batch.set(one, row * INPUTS);
    const y = run(request, slicing, batch).filter((_, i) => i % OUTPUTS === 0);
    const alpha = maxAbs(w.subarray(0, INPUTS));
    let variance = 0;
    for (let s = 0; s < 2; s++)
      for (let p = 0; p < 2; p++)
        variance +=
          (sigma * ((alpha * 4 ** s * 3) / 15) * ((15 * 16 ** p * maxAbs(one)) / 127)) ** 2;
    // 20,000 samples: 0.5 % standard error of sigma.
    expect(std(y) / Math.sqrt(variance)).toBeGreaterThan(0.98);
    expect(std(y) / Math.sqrt(variance)).toBeLessThan(1.02);
    expect(Math.abs(mean(y) - coded(one, 4, INPUTS)[0]!)).toBeLessThan(
      5 * Math.sqrt(variance / rows),
    );
  });

  test("each slice has its own programming noise", () => {
    const devices = device({ kind: "gaussian", sigma_frac: 0.02 });
    const request = requestWith({ numerics: numericsWith({ devices }) });
    const slicing = { slices: 2, cell_bits: 2, bits_per_phase: 7 };
    const onehot = new Float32Array(INPUTS * INPUTS);
    for (let k = 0; k < INPUTS; k++) onehot[k * INPUTS + k] = 1;
    const errors: number[] = [];
    for (let seed = 1; seed <= 60; seed++) {
      const y = run({ ...request, seed }, slicing, onehot);
      const exact = coded(onehot, 4, INPUTS);
      for (let i = 0; i < y.length; i++)
        errors.push(
          (y[i]! - exact[i]!) /
            maxAbs(w.subarray((i % OUTPUTS) * INPUTS, ((i % OUTPUTS) + 1) * INPUTS)),
        );
    }
    // 14,400 errors: 0.6 % standard error; digits weigh 3/15 and 12/15 of full scale.
    const expected = 0.02 * Math.hypot(3 / 15, 12 / 15);
    expect(std(errors) / expected).toBeGreaterThan(0.975);
    expect(std(errors) / expected).toBeLessThan(1.025);
  });

  test("zero inputs, and one-bit inputs", () => {
    const slicing = { slices: 2, cell_bits: 2, bits_per_phase: 1 };
    expect(maxAbs(run(requestWith(), slicing, new Float32Array(INPUTS)))).toBe(0);
    expect(() => createSlicedProjection(engine, requestWith({ inputBits: 1 }), slicing)).toThrow(
      "input bits",
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readouts } from "../../src/numerics/compensation.ts";
import { device, maxAbs, mean, normals, numericsWith, program, std, tiling } from "./support.ts";

const OUTPUTS = 40;
const INPUTS = 50;
const weights = normals(OUTPUTS * INPUTS, 20, 0.02);
const pcm = device({ kind: "pcm" });

/** Weights as held, put together again: [outputs][inputs]. */
function assembled(matrix: ReturnType<typeof program>): Float32Array {
  const out = new Float32Array(matrix.outputs * matrix.inputs);
  for (const b of matrix.blocks) {
    const rows = b.rowEnd - b.rowBegin;
    for (let c = b.colBegin; c < b.colEnd; c++)
      for (let k = b.rowBegin; k < b.rowEnd; k++)
        out[c * matrix.inputs + k] =
          b.weights[(c - b.colBegin) * rows + k - b.rowBegin]! * b.scale[c - b.colBegin]!;
  }
  return out;
}

describe("scaling", () => {
  test.each(["column", "tile"] as const)("by %s puts the largest weight at omega", (scaling) => {
    const numerics = numericsWith({ weight_scaling: scaling, weight_omega: 0.6 });
    const matrix = program(weights, OUTPUTS, INPUTS, { numerics });
    const [block] = matrix.blocks;
    const largest = Array.from({ length: OUTPUTS }, (_, c) =>
      maxAbs(block!.weights.subarray(c * INPUTS, (c + 1) * INPUTS)),
    );
    if (scaling === "tile") expect(Math.max(...largest)).toBeCloseTo(0.6, 6);
    else for (const max of largest) expect(max).toBeCloseTo(0.6, 6);
  });

  test("held times scale is the weight, for any tiling and order of blocks", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 40 }), (r, c) => {
        const blocks = tiling(OUTPUTS, INPUTS, r, c).toReversed();
        const held = assembled(program(weights, OUTPUTS, INPUTS, { blocks }));
        for (let i = 0; i < held.length; i++)
          expect(Math.abs(held[i]! - weights[i]!)).toBeLessThanOrEqual(
            2 ** -22 * Math.abs(weights[i]!),
          );
      }),
    );
  });
});

describe("randomness", () => {
  const numerics = numericsWith({ devices: pcm, weight_scaling: "tile" });
  const age_s = 3600;

  test("does not depend on the order of blocks", () => {
    const blocks = tiling(OUTPUTS, INPUTS, 20, 15);
    const a = program(weights, OUTPUTS, INPUTS, { blocks, numerics, age_s });
    const b = program(weights, OUTPUTS, INPUTS, { blocks: blocks.toReversed(), numerics, age_s });
    expect(b).toEqual(a);
  });

  test("belongs to the place in the matrix, not to the tile", () => {
    const gaussian = numericsWith({ devices: device({ kind: "gaussian", sigma_frac: 0.1 }) });
    const w = new Float32Array(weights.length).fill(0.5);
    const whole = program(w, OUTPUTS, INPUTS, { numerics: gaussian });
    const blocks = tiling(OUTPUTS, INPUTS, 20, 15);
    const cut = program(w, OUTPUTS, INPUTS, { numerics: gaussian, blocks });
    expect(assembled(cut)).toEqual(assembled(whole));
  });

  test("is another for another seed, matrix or noise scale, and the same for the same", () => {
    const base = assembled(program(weights, OUTPUTS, INPUTS, { numerics }));
    expect(assembled(program(weights, OUTPUTS, INPUTS, { numerics }))).toEqual(base);
    expect(assembled(program(weights, OUTPUTS, INPUTS, { numerics, seed: 2 }))).not.toEqual(base);
    expect(assembled(program(weights, OUTPUTS, INPUTS, { numerics, noise_scale: 2 }))).not.toEqual(
      base,
    );
    const matrix = { ...program(weights, OUTPUTS, INPUTS, { numerics }) };
    expect(matrix.seed).toBe(1);
  });
});

describe("programming noise", () => {
  // 400 x 400 devices: the standard error of sigma is 0.18 %, so 0.9 % is 5 of them.
  const n = 400;
  const target = 0.5;
  const w = new Float32Array(n * n).fill(target);
  for (let o = 0; o < n; o++) w[o * n] = 1;
  const held = (spec: Record<string, unknown>, noise_scale = 1) => {
    const numerics = numericsWith({ devices: device(spec) });
    const block = program(w, n, n, { numerics, noise_scale }).blocks[0]!;
    return block.weights.filter((_, i) => i % n !== 0);
  };

  test.each([
    // q = 0.5: sigma+ of PCM at 12.5 uS; sigma- of the zero device folds half of its noise to 0.
    ["pcm", {}, 1, (0.26348 + 1.965 * 0.5 - 1.1731 * 0.25) / 25, 0.26348 / 25],
    ["gaussian", { sigma_frac: 0.03 }, 2.5, 0.075, 0],
    ["pcm-column-cubic", {}, 1.5, (1.5 * 8.4375) / 180, 0],
    ["polynomial", { g_max_uS: 10, sigma_coefficients_uS: [0, 1, 2] }, 1, (0.5 + 2 * 0.25) / 10, 0],
  ])("of %s has the stated sigma and is unbiased", (kind, more, scale, sigma, zeroSigma) => {
    const errors = held({ kind, ...more }, scale).map((v) => v - target);
    // max(0, s z): mean s / sqrt(2 pi), variance s^2 (1/2 - 1/(2 pi)).
    const total = Math.hypot(sigma, zeroSigma * Math.sqrt(0.5 - 0.5 / Math.PI));
    const exactSigma =
      kind === "pcm-column-cubic"
        ? (scale * (2.1103 + 0.245349 * 90 - 3.05499e-3 * 8100 + 1.23298e-5 * 729000)) / 180
        : total;
    expect(std(errors) / exactSigma).toBeGreaterThan(0.991);
    expect(std(errors) / exactSigma).toBeLessThan(1.009);
    const bias = -zeroSigma / Math.sqrt(2 * Math.PI);
    expect(Math.abs(mean(errors) - bias)).toBeLessThan((4 * exactSigma) / n);
  });

  test("a sigma that the polynomial makes negative is 0", () => {
    const spec = { kind: "polynomial", g_max_uS: 10, sigma_coefficients_uS: [0, -1] };
    expect([...held(spec)].every((v) => Math.abs(v - target) < 1e-6)).toBe(true);
  });
});

describe("drift", () => {
  const numerics = (drift_compensation: "none" | "global" | "column", seed = 1) => ({
    numerics: numericsWith({ devices: pcm, drift_compensation }),
    age_s: 86400,
    seed,
  });
  const agedBy = (kind: "none" | "global" | "column") =>
    program(weights, OUTPUTS, INPUTS, numerics(kind)).blocks[0]!;
  const programmed = program(weights, OUTPUTS, INPUTS, { ...numerics("none"), age_s: 0 })
    .blocks[0]!;

  test("lowers conductances", () => {
    const [now] = readouts(agedBy("none").weights, OUTPUTS, "global");
    const [before] = readouts(programmed.weights, OUTPUTS, "global");
    expect(now! / before!).toBeLessThan(0.8);
    expect(now! / before!).toBeGreaterThan(0.5);
  });

  test.each(["global", "column"] as const)("compensation (%s) restores the mean", (kind) => {
    const block = agedBy(kind);
    const before = readouts(programmed.weights, OUTPUTS, kind);
    const now = readouts(block.weights, OUTPUTS, kind);
    for (let c = 0; c < OUTPUTS; c++)
      expect((now[c]! * block.scale[c]!) / programmed.scale[c]!).toBeCloseTo(before[c]!, 5);
  });

  test("age 0 has programming noise only; compensation does nothing then", () => {
    const fresh = program(weights, OUTPUTS, INPUTS, { ...numerics("global"), age_s: 0 }).blocks[0]!;
    expect(fresh).toEqual(programmed);
  });
});

describe("what is refused", () => {
  test("weights that are no numbers, named", () => {
    const bad = weights.slice();
    bad[3 * INPUTS + 4] = Number.NaN;
    expect(() => program(bad, OUTPUTS, INPUTS)).toThrow(
      "layer 0 expert 0 up: weight [3][4] is NaN",
    );
  });

  test("blocks that do not cover the matrix", () => {
    const blocks = tiling(OUTPUTS, INPUTS, 20, 20).slice(1);
    expect(() => program(weights, OUTPUTS, INPUTS, { blocks })).toThrow("blocks cover");
  });

  test("an age for which there are no data", () => {
    const numerics = numericsWith({ devices: device({ kind: "reram-wan2022" }) });
    expect(() => program(weights, OUTPUTS, INPUTS, { numerics, age_s: 3 })).toThrow("86400");
  });

  test("converters of one bit", () => {
    expect(() => program(weights, OUTPUTS, INPUTS, { inputBits: 1 })).toThrow("input/bits");
  });
});

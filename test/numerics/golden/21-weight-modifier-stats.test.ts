import { expect, test } from "vitest";
import { MODIFIER_DEFAULTS, modifyWeights } from "../../../src/numerics/hwa/modifier.ts";
import { matrixOf, named, readCases } from "./golden.ts";

const N = 4000;

// The reference draws from a short table of normals: 3 % on std, 0.03 sigma on mean (README), here
// with 5 standard errors of the 4,000 samples on either side.
test.each(named(readCases("21-weight-modifier-stats.json")))("%s", (_name, c) => {
  const { values, cols } = matrixOf(c.weights);
  const modifier = { ...MODIFIER_DEFAULTS, ...c.modifier };
  const sums = new Float64Array(values.length);
  const squares = new Float64Array(values.length);
  let zeros = 0;
  for (let row = 0; row < N; row++) {
    const modified = modifyWeights(values, cols, modifier, { seed: 4, matrix: 2, row });
    for (let i = 0; i < values.length; i++) {
      sums[i]! += modified[i]!;
      squares[i]! += (modified[i]! - values[i]!) ** 2;
      if (modified[i] === 0) zeros++;
    }
  }
  const means = sums.map((sum) => sum / N);
  const stds = squares.map((sum, i) =>
    Math.sqrt(Math.max(0, sum / N - (means[i]! - values[i]!) ** 2)),
  );
  const wantedMean: number[] = c.mean.flat();
  const wantedStd: number[] = c.std.flat();
  const sampling = 5 * Math.sqrt(2 / N);
  for (let i = 0; i < values.length; i++) {
    const sigma = wantedStd[i]!;
    expect(Math.abs(means[i]! - wantedMean[i]!)).toBeLessThanOrEqual(
      (0.03 + sampling) * sigma + 1e-6,
    );
    expect(Math.abs(stds[i]! - sigma)).toBeLessThanOrEqual(
      (0.03 + sampling / Math.SQRT2) * sigma + 1e-6,
    );
  }
  const pooled = Math.sqrt(stds.reduce((sum, s) => sum + s * s, 0) / values.length);
  if (c.modifier.type !== "DropConnect")
    expect(Math.abs(pooled / c.pooled_std - 1)).toBeLessThan(0.02);
  expect(Math.abs(zeros / (N * values.length) - c.fraction_zero)).toBeLessThan(0.005);
});

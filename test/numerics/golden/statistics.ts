/** The README's tolerances of stochastic cases. */
import { expect } from "vitest";
import { fillNormals, type Purpose } from "../../../src/random/philox.ts";
import { mean, std } from "../support.ts";
import type { Case } from "./golden.ts";

/** Standard normals of their own for each purpose and row. */
export function draw(count: number, purpose: Purpose, row: number): Float32Array {
  const out = new Float32Array(count);
  fillNormals(out, { seed: 2024, matrix: 0, block: 0, purpose, row });
  return out;
}

/**
 * Mean within 5 standard errors, std within 5/sqrt(2n) relative, and each quantile.
 *
 * Both sides are samples, so their errors add in quadrature. A quantile is tested by the share of
 * our values below it: 5 standard errors of that share. In the middle this is as strict as 2 % of
 * std; in the tails, where values are rare, it is what two samples can differ by.
 */
export function expectSameDistribution(values: Float32Array, wanted: Case): void {
  const n = values.length;
  const both = Math.sqrt(1 + wanted.n / n);
  expect(Math.abs(mean(values) - wanted.mean)).toBeLessThan(5 * wanted.sem * both);
  const ratio = std(values) / wanted.std;
  expect(Math.abs(ratio - 1)).toBeLessThan((5 * both) / Math.sqrt(2 * wanted.n));
  for (const [share, value] of Object.entries(wanted.quantiles as Record<string, number>)) {
    const p = Number(share);
    const tolerance = 5 * Math.sqrt(p * (1 - p) * (1 / n + 1 / wanted.n));
    const at = Math.fround(value);
    let below = 0;
    let upTo = 0;
    for (let i = 0; i < n; i++) {
      if (values[i]! < at) below++;
      if (values[i]! <= at) upTo++;
    }
    expect(below / n - tolerance).toBeLessThan(p);
    expect(upTo / n + tolerance).toBeGreaterThan(p);
  }
}

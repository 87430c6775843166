import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRangeCollector, type RangeRule } from "../../src/numerics/calibrate.ts";
import { maxAbs, normals, std, tiling } from "./support.ts";

const inputs = 30;
const blocks = tiling(8, inputs, 12, 4);
const collect = (rule: RangeRule, ...batches: Float32Array[]) => {
  const collector = createRangeCollector(rule, blocks, inputs);
  for (const batch of batches) collector.add(batch, batch.length / inputs);
  return collector.ranges();
};
/** Inputs of one row range. */
const part = (batch: Float32Array, begin: number, end: number) =>
  batch.filter((_, i) => i % inputs >= begin && i % inputs < end);

const a = normals(50 * inputs, 1);
const b = normals(20 * inputs, 2, 3);

describe("input ranges", () => {
  test("std: kappa times the mean over batches of the unbiased std, per row range", () => {
    const ranges = collect({ kind: "std", kappa: 4 }, a, b)!;
    expect(ranges).toHaveLength(3);
    [
      [0, 12],
      [12, 24],
      [24, 30],
    ].forEach(([begin, end], i) => {
      const expected = (4 * (std(part(a, begin!, end!)) + std(part(b, begin!, end!)))) / 2;
      expect(ranges[i]!).toBeCloseTo(expected, 6);
    });
  });

  test("max: the largest |x| seen", () => {
    const ranges = collect({ kind: "max" }, a, b)!;
    expect(ranges[1]).toBe(Math.max(maxAbs(part(a, 12, 24)), maxAbs(part(b, 12, 24))));
  });

  test("quantile: of |x|; 1 is the maximum; it covers its share", () => {
    expect(collect({ kind: "quantile", quantile_frac: 1 }, a)![0]).toBe(maxAbs(part(a, 0, 12)));
    const range = collect({ kind: "quantile", quantile_frac: 0.9 }, a)![0]!;
    const values = part(a, 0, 12).map(Math.abs);
    expect(values.filter((v) => v <= range).length / values.length).toBeCloseTo(0.9, 2);
  });

  test("scale with the inputs, for every rule", () => {
    const rule = fc.constantFrom<RangeRule>(
      { kind: "std", kappa: 3 },
      { kind: "max" },
      { kind: "quantile", quantile_frac: 0.99 },
    );
    fc.assert(
      fc.property(rule, fc.integer({ min: -6, max: 6 }), (r, power) => {
        const once = collect(r, a)!;
        const scaled = collect(
          r,
          a.map((v) => v * 2 ** power),
        )!;
        for (let i = 0; i < 3; i++) expect(scaled[i]! / once[i]!).toBeCloseTo(2 ** power, 6);
      }),
    );
  });

  test("dynamic needs none; rows of zeros do not count; no data leaves it dynamic", () => {
    expect(collect({ kind: "dynamic" })).toBeNull();
    const padded = new Float32Array(a.length + 10 * inputs);
    padded.set(a);
    const rule: RangeRule = { kind: "std", kappa: 1 };
    expect(collect(rule, padded)).toEqual(collect(rule, a));
    expect([...collect({ kind: "max" })!]).toEqual([0, 0, 0]);
    expect([...collect({ kind: "max" }, new Float32Array(90))!]).toEqual([0, 0, 0]);
  });
});

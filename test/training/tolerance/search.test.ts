import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findTolerance, type SearchAxis } from "../../../src/training/tolerance/search.ts";
import { normalAt } from "../noise.ts";

const AXIS: SearchAxis = { start: 0.1, mildest: 1e-3, harshest: 100, whole: false };
const BITS: SearchAxis = { start: 6, mildest: 14, harshest: 2, whole: true };
const exact = (curve: (value: number) => number) => async (value: number) => ({
  mean: curve(value),
  sem: 0,
});

describe("a smooth loss of accuracy", () => {
  test("the threshold is found wherever it is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: -2.5, max: 1.9, noNaN: true }), async (exponent) => {
        const threshold = 10 ** exponent;
        const found = await findTolerance(
          AXIS,
          0.99,
          1.15,
          exact((v) => 1 - 0.01 * (v / threshold) ** 2),
        );
        expect(Math.abs(Math.log(found.value! / threshold))).toBeLessThan(0.01);
        expect(found.isBeyond).toBe(false);
      }),
    );
  });

  test("every value that passes is milder than every value that fails", async () => {
    const { trials } = await findTolerance(
      AXIS,
      0.99,
      1.05,
      exact((v) => 1 - v * v),
    );
    const passing = trials.map(({ mean }) => mean > 0.99);
    expect(passing.lastIndexOf(true) + 1).toBe(passing.indexOf(false));
  });

  test("a handful of evaluations is enough", async () => {
    const { trials } = await findTolerance(
      AXIS,
      0.99,
      1.15,
      exact((v) => 1 - 0.3 * v),
    );
    expect(trials.length).toBeLessThanOrEqual(8);
  });
});

describe("under noise", () => {
  /** A* of `seeds` programmings: the seeds are the same at each value. */
  const noisy = (threshold: number, seeds: number) => async (value: number) => {
    const values = Array.from(
      { length: seeds },
      (_, i) => 1 - 0.01 * (1 + 0.2 * normalAt(i)) * (value / threshold),
    );
    const mean = values.reduce((a, b) => a + b) / seeds;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (seeds - 1);
    return { mean, sem: Math.sqrt(variance / seeds) };
  };

  test("the threshold is between its ends, which are two standard errors apart", async () => {
    const { value, low, high } = await findTolerance(AXIS, 0.99, 1.1, noisy(3, 100));
    expect(low!).toBeLessThan(value!);
    expect(high!).toBeGreaterThan(value!);
    // A slope of -1 per 100 % and a sem of 0.2 / sqrt(100): +- 2 %.
    expect(Math.log(high! / low!)).toBeCloseTo(0.04, 1.9);
    expect(Math.abs(value! / 3 - 1)).toBeLessThan(0.06);
  });
});

describe("limits", () => {
  test("a network that nothing hurts stands at least the harshest value", async () => {
    const found = await findTolerance(
      AXIS,
      0.99,
      1.1,
      exact(() => 1),
    );
    expect(found).toMatchObject({ isBeyond: true, low: null, high: null });
    expect(found.value).toBeCloseTo(100, 9);
  });

  test("a network that is below the goal without noise has no tolerance", async () => {
    const found = await findTolerance(
      AXIS,
      0.99,
      1.1,
      exact(() => 0.9),
    );
    expect(found).toMatchObject({ value: null, isBeyond: false });
  });
});

describe("bits", () => {
  test.each([2, 3, 5, 6, 7, 11, 14])("%i are the fewest that pass", async (fewest) => {
    const { value, trials } = await findTolerance(
      BITS,
      0.99,
      1.1,
      exact((bits) => (bits >= fewest ? 1 : 0.5)),
    );
    expect(value).toBe(fewest);
    for (const trial of trials) expect(Number.isInteger(trial.value)).toBe(true);
  });
});

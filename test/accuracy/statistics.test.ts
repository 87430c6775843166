import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  estimate,
  evaluatePairs,
  evaluateText,
  pairedDifference,
  pairedNll,
  seedsNeeded,
} from "../../src/accuracy/statistics.ts";
import { twoSidedP } from "../../src/accuracy/student-t.ts";
import type { TextScore } from "../../src/model/evaluation.ts";

const score = (seed: number, nll: number, correct: number, kl: number | null): TextScore => ({
  seed,
  predictions: 1000,
  nll_sum_nats: 1000 * nll,
  correct,
  kl_sum_nats: kl === null ? null : 1000 * kl,
});

test("means and standard errors over three seeds, by hand", () => {
  const result = evaluateText([
    score(1, 3, 300, 0.1),
    score(2, 4, 320, 0.2),
    score(3, 5, 340, 0.3),
  ]);
  expect(result).toMatchObject({ seeds: 3, predictions: 1000, nll_nats: 4 });
  expect(result.nll_sem_nats).toBeCloseTo(1 / Math.sqrt(3), 12);
  expect(result.perplexity).toBeCloseTo(Math.exp(4), 10);
  expect(result.perplexity_sem).toBeCloseTo(Math.exp(4) / Math.sqrt(3), 10);
  expect(result.next_token_accuracy_frac).toBeCloseTo(0.32, 12);
  expect(result.next_token_accuracy_sem).toBeCloseTo(0.02 / Math.sqrt(3), 12);
  expect(result.kl_nats).toBeCloseTo(0.2, 12);
});

test("one deterministic run has no standard error, and no divergence without a reference", () => {
  const result = evaluateText([score(1, 3, 300, null)]);
  expect(result).toMatchObject({
    seeds: 1,
    nll_sem_nats: null,
    perplexity_sem: null,
    next_token_accuracy_sem: null,
    kl_nats: null,
  });
});

test("pairs: share and its standard error over seeds", () => {
  const result = evaluatePairs([
    { seed: 1, pairs: 50, correct: 40 },
    { seed: 2, pairs: 50, correct: 42 },
  ]);
  expect(result.mean).toBeCloseTo(0.82, 12);
  expect(result.sem).toBeCloseTo(0.02, 12);
});

describe("Student's t", () => {
  // Two-sided 5 %, 1 % and 0.1 % points, from any table (for example NIST/SEMATECH e-Handbook 1.3.6.7.2).
  test.each([
    [12.706, 1, 0.05],
    [63.657, 1, 0.01],
    [4.303, 2, 0.05],
    [3.182, 3, 0.05],
    [5.841, 3, 0.01],
    [2.776, 4, 0.05],
    [2.262, 9, 0.05],
    [4.781, 9, 0.001],
    [2.045, 29, 0.05],
    [1.984, 100, 0.05],
  ])("|t| = %f with %i degrees of freedom has p = %f", (t, degrees, p) => {
    expect(twoSidedP(t, degrees) / p).toBeCloseTo(1, 2);
    expect(twoSidedP(-t, degrees)).toBe(twoSidedP(t, degrees));
  });

  test("p is 1 at t = 0 and falls with |t|", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 8, noNaN: true }),
        (d, t) => {
          expect(twoSidedP(0, d)).toBe(1);
          const [p, further] = [twoSidedP(t, d), twoSidedP(t + 0.1, d)];
          expect(further).toBeLessThan(p);
          expect(further).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe("paired differences", () => {
  test("the textbook case: differences 1, 2, 3", () => {
    const result = pairedDifference([10, 20, 30], [11, 22, 33]);
    expect(result).toMatchObject({ seeds: 3, mean: 2 });
    expect(result.sem).toBeCloseTo(1 / Math.sqrt(3), 12);
    // t = 2 sqrt(3) with two degrees: p = 1 - t / sqrt(t^2 + 2)
    expect(result.pValue).toBeCloseTo(1 - Math.sqrt(12 / 14), 12);
  });

  test("what seeds do to both placements alike cancels", () => {
    const a = [3.1, 5.7, 4.2, 9.9];
    const b = a.map((x, i) => x + 0.01 + 0.001 * (i % 2));
    const { pValue } = pairedDifference(a, b);
    expect(pValue).toBeLessThan(1e-3);
  });

  test("a deterministic placement stands for every seed", () => {
    const many = pairedDifference([2], [3, 4, 5]);
    expect(many).toEqual(pairedDifference([2, 2, 2], [3, 4, 5]));
    expect(pairedDifference([2], [3])).toEqual({
      seeds: 1,
      mean: 1,
      sem: null,
      pValue: null,
      seedsNeeded: null,
    });
  });

  test("swapping the placements changes the sign only", () => {
    const values = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), {
      minLength: 3,
      maxLength: 3,
    });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [there, back] = [pairedDifference(a, b), pairedDifference(b, a)];
        expect(there.mean + back.mean).toBeCloseTo(0, 12);
        expect(there.sem).toBeCloseTo(back.sem!, 12);
      }),
    );
  });

  test("other seeds, or other numbers of them, are not paired", () => {
    expect(() => pairedDifference([1, 2], [1, 2, 3])).toThrow(/2 and 3 seeds/);
    expect(() =>
      pairedNll(
        [score(1, 3, 0, null), score(2, 3, 0, null)],
        [score(1, 3, 0, null), score(3, 3, 0, null)],
      ),
    ).toThrow(/different seeds/);
  });

  test("equal placements differ by nothing, and no number of seeds will tell them apart", () => {
    expect(
      pairedNll(
        [score(1, 3, 0, null), score(2, 4, 0, null)],
        [score(1, 3, 0, null), score(2, 4, 0, null)],
      ),
    ).toEqual({
      seeds: 2,
      mean: 0,
      sem: 0,
      pValue: null,
      seedsNeeded: null,
    });
  });

  test("a difference of one standard deviation needs ten seeds (n = 7.85 + 1.92)", () => {
    // Tables of the noncentral t (Cohen 1988, two-sided 5 %, power 0.8, d = 1) say 10.
    expect(seedsNeeded(1, 1)).toBe(10);
    expect(seedsNeeded(-0.5, 1)).toBe(34); // the same tables: 34
    expect(seedsNeeded(1e-9, 1)).toBeNull();
  });
});

test("nothing to average is a mistake of the caller", () => {
  expect(() => estimate([])).toThrow(/no values/);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countExpertUse } from "../../src/mapping/expert-use.ts";
import { chooseCopies } from "../../src/mapping/replicate.ts";

const useOf = (frequency: readonly number[]) => ({
  frequency: [Float64Array.from(frequency)],
  together: [],
});
const candidates = (n: number, crossbars = 1) =>
  Array.from({ length: n }, (_, expert) => ({ layer: 0, expert, crossbars }));

describe("countExpertUse", () => {
  test("by hand: two tokens of two experts each", () => {
    const { frequency, together } = countExpertUse([Int32Array.of(0, 1, 1, 2)], 3, 2);
    expect([...frequency[0]!]).toEqual([0.5, 1, 0.5]);
    expect([...together[0]!]).toEqual([0.5, 0.5, 0, 0.5, 1, 0.5, 0, 0.5, 0.5]);
  });

  test("any k: frequencies sum to k, rows of pairs to k times the frequency", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }).chain((k) =>
          fc.tuple(
            fc.constant(k),
            fc.array(fc.uniqueArray(fc.nat(5), { minLength: k, maxLength: k }), {
              minLength: 1,
              maxLength: 20,
            }),
          ),
        ),
        ([k, tokens]) => {
          const { frequency, together } = countExpertUse([Int32Array.from(tokens.flat())], 6, k);
          expect(frequency[0]!.reduce((a, b) => a + b, 0)).toBeCloseTo(k, 9);
          for (let e = 0; e < 6; e++) {
            const row = together[0]!.subarray(6 * e, 6 * e + 6).reduce((a, b) => a + b, 0);
            expect(row).toBeCloseTo(k * frequency[0]![e]!, 9);
          }
        },
      ),
    );
  });
});

describe("chooseCopies", () => {
  test("by hand: 0.9 and 0.4 of mean 0.35, four crossbars", () => {
    // 0.9 -> 0.45 -> 0.3; 0.4 -> 0.2; then nobody is above the mean.
    expect(chooseCopies(candidates(4), useOf([0.9, 0.4, 0.05, 0.05]), 9)).toEqual([
      { layer: 0, expert: 0, copies: 2 },
      { layer: 0, expert: 1, copies: 1 },
    ]);
  });

  test("stays within the budget, and no other choice has a smaller largest share", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 0, max: 4 }),
        (frequency, budget) => {
          const counts = chooseCopies(candidates(frequency.length), useOf(frequency), budget);
          const copies = frequency.map((_, e) => counts.find((c) => c.expert === e)?.copies ?? 0);
          const spent = copies.reduce((a, b) => a + b, 0);
          expect(spent).toBeLessThanOrEqual(budget);
          const largest = (of: readonly number[]): number =>
            Math.max(...frequency.map((f, e) => f / (1 + of[e]!)));
          for (const other of sharings(spent, frequency.length))
            expect(largest(copies)).toBeLessThanOrEqual(largest(other) + 1e-12);
        },
      ),
    );
  });

  test("an expert that is too large for what is left makes room for a smaller one", () => {
    const mixed = [
      { layer: 0, expert: 0, crossbars: 5 },
      { layer: 0, expert: 1, crossbars: 2 },
    ];
    expect(chooseCopies([...mixed, ...candidates(4).slice(2)], useOf([1, 0.9, 0, 0]), 3)).toEqual([
      { layer: 0, expert: 1, copies: 1 },
    ]);
  });
});

/** All ways to share n copies out among some experts. */
function sharings(n: number, experts: number): number[][] {
  if (experts === 1) return [[n]];
  return Array.from({ length: n + 1 }, (_, first) =>
    sharings(n - first, experts - 1).map((rest) => [first, ...rest]),
  ).flat();
}

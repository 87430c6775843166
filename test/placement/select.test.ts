import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Item, selectMostValue } from "../../src/placement/select.ts";

/** The best value by trying every subset. */
function bestOfAll(items: readonly Item[], room: number): number {
  let best = 0;
  for (let subset = 0; subset < 2 ** items.length; subset++) {
    const taken = items.filter((_, i) => (subset >> i) & 1);
    const size = taken.reduce((sum, item) => sum + item.size, 0);
    const value = taken.reduce((sum, item) => sum + item.value, 0);
    if (size <= room) best = Math.max(best, value);
  }
  return best;
}

const sum = (items: readonly Item[], isTaken: readonly boolean[], key: "value" | "size"): number =>
  items.reduce((total, item, i) => total + (isTaken[i] ? item[key] : 0), 0);

const itemsOf = (sizes: fc.Arbitrary<number>) =>
  fc.array(fc.record({ value: fc.integer({ min: 0, max: 50 }), size: sizes }), { maxLength: 9 });
const sizes = fc.integer({ min: 1, max: 12 });
/** So large and with so small a common divisor that the table would be too large. */
const largeSizes = fc.integer({ min: 1e8, max: 9e8 }).map((n) => 2 * n + 1);

describe("choosing under a budget", () => {
  test("is the best of all subsets", () => {
    fc.assert(
      fc.property(itemsOf(sizes), fc.integer({ min: 0, max: 60 }), (items, room) => {
        const { isTaken, value, upperBound, isExact } = selectMostValue(items, room);
        expect(isExact).toBe(true);
        expect(value).toBe(bestOfAll(items, room));
        expect(upperBound).toBe(value);
        expect(sum(items, isTaken, "value")).toBe(value);
        expect(sum(items, isTaken, "size")).toBeLessThanOrEqual(room);
      }),
    );
  });

  test("with a large table: within the bounds, and at least half of the best", () => {
    fc.assert(
      fc.property(itemsOf(largeSizes), fc.integer({ min: 0, max: 6e9 }), (items, room) => {
        const { isTaken, value, upperBound } = selectMostValue(items, room);
        const best = bestOfAll(items, room);
        expect(sum(items, isTaken, "value")).toBe(value);
        expect(sum(items, isTaken, "size")).toBeLessThanOrEqual(room);
        expect(value).toBeLessThanOrEqual(best);
        expect(2 * value).toBeGreaterThanOrEqual(best);
        expect(upperBound).toBeGreaterThanOrEqual(best * (1 - 1e-12));
      }),
    );
  });

  test("leaves what has no value, and takes nothing from nothing", () => {
    expect(selectMostValue([{ value: 0, size: 1 }], 5).isTaken).toEqual([false]);
    expect(selectMostValue([], 5).value).toBe(0);
  });
});

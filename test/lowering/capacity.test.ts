import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPlaces, DROPPED, expertCapacity } from "../../src/lowering/capacity.ts";

const moe = (experts: number, active_experts: number) => ({ experts, active_experts });

describe("expertCapacity", () => {
  test("Switch Transformers, figure 3: 6 tokens, 3 experts, one each: 2 at factor 1, 3 at 1.5", () => {
    expect(expertCapacity(6, moe(3, 1), 1)).toBe(2);
    expect(expertCapacity(6, moe(3, 1), 1.5)).toBe(3);
  });

  test("GShard: 2 N / E with two experts a token", () => {
    expect(expertCapacity(1024, moe(128, 2), 1)).toBe(16);
  });

  test("no factor is no limit, and an expert has at least one place", () => {
    expect(expertCapacity(5, moe(4, 2), undefined)).toBe(Infinity);
    expect(expertCapacity(1, moe(64, 8), 0.5)).toBe(1);
  });
});

describe("createPlaces", () => {
  test("the first tokens of each expert are kept, the others dropped and counted", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.uniqueArray(fc.nat(7), { minLength: 3, maxLength: 3 }), { maxLength: 30 }),
        (capacity, tokens) => {
          const count = { assigned: 0, dropped: 0 };
          const take = createPlaces(8, capacity, count);
          const load = new Array<number>(8).fill(0);
          let dropped = 0;
          for (const wanted of tokens) {
            const chosen = Int32Array.from(wanted);
            take(chosen);
            wanted.forEach((expert, i) => {
              const isFull = load[expert]! >= capacity;
              expect(chosen[i]).toBe(isFull ? DROPPED : expert);
              if (isFull) dropped++;
              else load[expert]!++;
            });
          }
          expect(count).toEqual({ assigned: 3 * tokens.length, dropped });
          // Conservation: kept and dropped make up all that was assigned.
          expect(load.reduce((a, b) => a + b, 0) + count.dropped).toBe(count.assigned);
        },
      ),
    );
  });
});

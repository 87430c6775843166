import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type CostMatrix,
  crowdingDistances,
  dominates,
  paretoFront,
  paretoRanks,
  selectBest,
} from "../../src/explore/pareto.ts";

const matrixOf = (rows: readonly (readonly number[])[]): CostMatrix => ({
  objectives: rows[0]?.length ?? 1,
  costs: Float64Array.from(rows.flat()),
});
const all = (rows: readonly unknown[]): number[] => rows.map((_, i) => i);

/** Few distinct values, so that ties and equal rows are frequent. */
const costs = fc
  .integer({ min: 1, max: 4 })
  .chain((objectives) =>
    fc.array(
      fc.array(fc.integer({ min: 0, max: 6 }), { minLength: objectives, maxLength: objectives }),
      { minLength: 1, maxLength: 40 },
    ),
  );

describe("fronts", () => {
  test("are what no row dominates, by the definition", () => {
    fc.assert(
      fc.property(costs, (rows) => {
        const matrix = matrixOf(rows);
        const slow = all(rows).filter((a) => !all(rows).some((b) => dominates(matrix, b, a)));
        expect(paretoFront(matrix, all(rows))).toEqual(slow);
      }),
    );
  });

  test("ranks hold every row once; each row is dominated by one of the rank before", () => {
    fc.assert(
      fc.property(costs, (rows) => {
        const matrix = matrixOf(rows);
        const ranks = paretoRanks(matrix, all(rows));
        expect(ranks.flat().sort((a, b) => a - b)).toEqual(all(rows));
        ranks.slice(1).forEach((front, r) => {
          for (const row of front)
            expect(ranks[r]!.some((other) => dominates(matrix, other, row))).toBe(true);
        });
      }),
    );
  });

  test("the order of rows does not change which rows are best", () => {
    fc.assert(
      fc.property(costs, fc.nat(40), (rows, count) => {
        const matrix = matrixOf(rows);
        const forth = selectBest(matrix, all(rows), count);
        const back = selectBest(matrix, all(rows).reverse(), count);
        expect([...back].sort((a, b) => a - b)).toEqual([...forth].sort((a, b) => a - b));
        expect(forth).toHaveLength(Math.min(count, rows.length));
      }),
    );
  });
});

test("crowding distance by hand: ends are infinite, the middle is the sum of relative gaps", () => {
  const matrix = matrixOf([
    [0, 10],
    [1, 6],
    [4, 5],
    [10, 0],
  ]);
  // Row 1: (4 - 0) / 10 + (10 - 5) / 10; row 2: (10 - 1) / 10 + (6 - 0) / 10.
  expect([...crowdingDistances(matrix, [0, 1, 2, 3])]).toEqual([
    Number.POSITIVE_INFINITY,
    expect.closeTo(0.9, 12),
    expect.closeTo(1.5, 12),
    Number.POSITIVE_INFINITY,
  ]);
});

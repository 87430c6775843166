import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hypervolume_frac, hypervolumeTrace } from "../../src/explore/hypervolume.ts";
import type { CostMatrix } from "../../src/explore/pareto.ts";

const matrixOf = (rows: readonly (readonly number[])[]): CostMatrix => ({
  objectives: rows[0]!.length,
  costs: Float64Array.from(rows.flat()),
});
const volumeOf = (rows: readonly (readonly number[])[], size: number): number =>
  hypervolume_frac(
    matrixOf(rows),
    rows.map((_, i) => i),
    { best: rows[0]!.map(() => 0), worst: rows[0]!.map(() => size) },
  );

describe("by hand", () => {
  test("two objectives: a staircase of 3 steps in a box of 4 x 4", () => {
    // Columns from the left: 1 x (4 - 3), 1 x (4 - 2), 1 x (4 - 1).
    expect(
      volumeOf(
        [
          [1, 3],
          [2, 2],
          [3, 1],
        ],
        4,
      ),
    ).toBeCloseTo(6 / 16, 12);
  });

  test("three objectives: two boxes that overlap", () => {
    // (1,1,2): 3 x 3 x 2 = 18; (2,2,1): 2 x 2 x 3 = 12; in both: 2 x 2 x 2 = 8.
    expect(
      volumeOf(
        [
          [1, 1, 2],
          [2, 2, 1],
        ],
        4,
      ),
    ).toBeCloseTo(22 / 64, 12);
  });

  test("a row at the reference point adds nothing; one at the best corner dominates all", () => {
    expect(volumeOf([[4, 0]], 4)).toBe(0);
    expect(volumeOf([[0, 0, 0]], 4)).toBe(1);
  });
});

/** Counts the unit cells of the box that some row dominates. */
function countedCells(rows: readonly (readonly number[])[], size: number): number {
  const dimensions = rows[0]!.length;
  let dominated = 0;
  for (let cell = 0; cell < size ** dimensions; cell++) {
    const corner = rows[0]!.map((_, d) => Math.floor(cell / size ** d) % size);
    if (rows.some((row) => row.every((x, d) => x <= corner[d]!))) dominated++;
  }
  return dominated / size ** dimensions;
}

test("equals a count of cells, for one to four objectives", () => {
  const rows = fc.integer({ min: 1, max: 4 }).chain((d) =>
    fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: d, maxLength: d }), {
      minLength: 1,
      maxLength: 12,
    }),
  );
  fc.assert(
    fc.property(rows, (places) => {
      expect(volumeOf(places, 5)).toBeCloseTo(countedCells(places, 5), 10);
    }),
  );
});

test("a trace never falls, and ends at the volume of all", () => {
  const rows = [
    [5, 5],
    [4, 4],
    [6, 6],
    [1, 7],
    [7, 1],
    [2, 2],
  ];
  const matrix = matrixOf(rows);
  const box = { best: [0, 0], worst: [8, 8] };
  const trace = hypervolumeTrace(matrix, 6, (n) => n, box, 6).map(({ volume_frac }) => volume_frac);
  expect(trace).toEqual([...trace].sort((a, b) => a - b));
  expect(trace.at(-1)).toBe(hypervolume_frac(matrix, [0, 1, 2, 3, 4, 5], box));
});

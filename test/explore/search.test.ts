import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { levelsKey, type Point } from "../../src/explore/points.ts";
import { createSearch } from "../../src/explore/search/index.ts";
import { sobolPoints } from "../../src/explore/search/sobol.ts";
import type { Space } from "../../src/explore/space.ts";
import { gridSpace, smallSpace } from "./spaces.ts";

const pointsOf = (space: Space): Point[] => [...createSearch(space).next()!];

describe("Sobol", () => {
  test("is that of SciPy: qmc.Sobol(scramble=False)", () => {
    const first = [...sobolPoints(5, 8)].length;
    expect(first).toBe(8);
    const fifth = [...take(sobolPoints(5, 8), 8)][5];
    expect(fifth).toEqual([0.875, 0.875, 0.125, 0.375, 0.875]);
  });

  test("all 64 dimensions: the 38th point, in 64ths, is that of SciPy", () => {
    const point = [...take(sobolPoints(64, 38), 38)][37]!;
    expect(point.map((x) => x * 64)).toEqual([
      59, 41, 37, 59, 49, 19, 11, 51, 39, 11, 1, 5, 37, 55, 7, 31, 51, 27, 3, 9, 61, 5, 35, 41, 19,
      23, 51, 25, 33, 7, 23, 9, 39, 23, 55, 47, 57, 43, 61, 5, 5, 41, 5, 53, 43, 11, 31, 17, 33, 61,
      27, 17, 21, 19, 15, 61, 37, 63, 23, 19, 5, 25, 41, 53,
    ]);
  });

  test("2^k points fill each of 2^k equal parts of every axis once", () => {
    const points = [...take(sobolPoints(12, 64), 64)];
    for (let d = 0; d < 12; d++)
      expect(new Set(points.map((p) => Math.floor(p[d]! * 64))).size).toBe(64);
  });
});

function* take(points: Iterable<Float64Array>, count: number): Generator<number[]> {
  let i = 0;
  for (const point of points) {
    if (i++ === count) return;
    yield [...point];
  }
}

describe("samples", () => {
  test("full: every combination once, the last variable fastest", () => {
    const points = pointsOf(gridSpace([2, 3]));
    expect(points.map(({ levels }) => levels.join(""))).toEqual([
      "00",
      "01",
      "02",
      "10",
      "11",
      "12",
    ]);
    expect(points.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("constraints on variables leave points out and keep the others' numbers", () => {
    const points = pointsOf(gridSpace([2, 3], { constraints: ["x0 + x1 <= 1"] }));
    expect(points.map(({ index }) => index)).toEqual([0, 1, 3]);
  });

  test("a Latin hypercube hits each of n levels once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(1000), (n, seed) => {
        const search = { kind: "latin-hypercube" as const, points: n, seed };
        const points = pointsOf(gridSpace([n, n, n], { search }));
        for (let v = 0; v < 3; v++)
          expect(new Set(points.map(({ levels }) => levels[v])).size).toBe(n);
      }),
      { numRuns: 30 },
    );
  });

  test("samples of a small space come once each", () => {
    const points = pointsOf(smallSpace({ search: { kind: "sobol", points: 100 } }));
    expect(new Set(points.map(({ levels }) => levelsKey(levels))).size).toBe(points.length);
    expect(points.length).toBe(9);
  });
});

/** Two objectives that disagree: the front is x1 = x2 = ... = 0, x0 anything. */
const costsAt = ({ levels: [x = 0, ...others] }: Point): number[] => {
  const away = others.reduce((sum, level) => sum + level, 0);
  return [x + away, 31 - x + away];
};

function runNsga2(seed: number, order: (points: Point[]) => Point[]) {
  const search = { kind: "nsga2" as const, population: 24, generations: 20, seed };
  const evolution = createSearch(gridSpace([32, 16, 16, 16], { search }));
  const points: Point[] = [];
  for (let batch = evolution.next(); batch !== null; batch = evolution.next()) {
    const own = [...batch];
    points.push(...own);
    for (const point of order(own)) evolution.tell(point.index, costsAt(point));
  }
  return points;
}

describe("NSGA-II", () => {
  test("does not depend on the order in which costs come; another seed is another search", () => {
    const forth = runNsga2(1, (points) => points);
    expect(runNsga2(1, (points) => [...points].reverse())).toEqual(forth);
    expect(runNsga2(2, (points) => points)).not.toEqual(forth);
  });

  test("no point twice, numbers without gaps", () => {
    const points = runNsga2(3, (p) => p);
    expect(new Set(points.map(({ levels }) => levelsKey(levels))).size).toBe(points.length);
    expect(points.map(({ index }) => index)).toEqual(points.map((_, i) => i));
  });

  test("finds a front that random search misses", () => {
    // 504 of 131072 points; a random point is on the front with probability 1 / 4096.
    const onFront = (points: readonly Point[]): number =>
      points.filter(({ levels: [, ...others] }) => others.every((level) => level === 0)).length;
    for (const seed of [1, 2, 3]) expect(onFront(runNsga2(seed, (p) => p))).toBeGreaterThan(12);
  });

  test("ends early where a space is used up", () => {
    const search = { kind: "nsga2" as const, population: 10, generations: 50, seed: 1 };
    const evolution = createSearch(gridSpace([4, 4], { search }));
    let count = 0;
    for (let batch = evolution.next(); batch !== null; batch = evolution.next())
      for (const point of batch) {
        count++;
        evolution.tell(point.index, null);
      }
    expect(count).toBe(16);
  });
});

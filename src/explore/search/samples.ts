/** Points that are known beforehand: all combinations, or evenly spread samples of them. */
import { type NoiseAddress, shuffle, uniformAt } from "../../random/philox.ts";
import { exists, type Levels, levelsAt, levelsKey, levelsOfCube, type Point } from "../points.ts";
import type { Space } from "../space.ts";
import { sobolPoints } from "./sobol.ts";

/** Every combination that exists; its number is that of the point. */
export function* fullFactorial(space: Space): Generator<Point> {
  for (let index = 0; index < space.combinations; index++) {
    const levels = levelsAt(space, index);
    if (exists(space, levels)) yield { index, levels };
  }
}

/** The first Sobol points; equal ones once. */
export const sobolSamples = (space: Space, count: number): Iterable<Point> =>
  distinct(space, sobolPoints(space.variables.length, count));

/**
 * A random Latin hypercube: each variable is cut into as many equal parts as there are samples, and
 * each part is hit once; equal points once.
 *
 * @source McKay, Beckman & Conover, "A comparison of three methods for selecting values of input
 *   variables in the analysis of output from a computer code", Technometrics 21, 1979.
 */
export function latinHypercube(space: Space, count: number, seed: number): Iterable<Point> {
  const dimensions = space.variables.length;
  const orders = Array.from({ length: dimensions }, (_, d) => shuffle(count, address(seed, d)));
  function* places(): Generator<Float64Array> {
    const place = new Float64Array(dimensions);
    for (let i = 0; i < count; i++) {
      for (let d = 0; d < dimensions; d++)
        place[d] = (orders[d]![i]! + uniformAt(address(seed, dimensions + d), i)) / count;
      yield place;
    }
  }
  return distinct(space, places());
}

const address = (seed: number, row: number): NoiseAddress => ({
  seed,
  matrix: 0,
  block: 0,
  purpose: "exploration",
  row,
});

function* distinct(space: Space, places: Iterable<Float64Array>): Generator<Point> {
  const seen = new Set<string>();
  let index = 0;
  for (const place of places) {
    const levels: Levels = levelsOfCube(space, place);
    const key = levelsKey(levels);
    if (!seen.has(key) && exists(space, levels)) yield { index, levels };
    seen.add(key);
    index++;
  }
}

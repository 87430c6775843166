/**
 * NSGA-II on levels: a population evolves towards the Pareto front.
 *
 * Reproducible: which points a generation holds depends on the seed and on the costs so far, not on
 * the order in which they came.
 *
 * @source Deb et al., "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE
 *   Transactions on Evolutionary Computation 6, 2002.
 */

import type { SweepSearch } from "../../model/sweep.ts";
import { wordAt } from "../../random/philox.ts";
import { type CostMatrix, crowdingDistances, paretoRanks, selectBest } from "../pareto.ts";
import { exists, type Levels, levelsKey, levelsOfCube, type Point } from "../points.ts";
import type { Space } from "../space.ts";
import type { Search } from "./search.ts";

type Settings = Extract<SweepSearch, { kind: "nsga2" }>;

interface Individual extends Point {
  /** null: infeasible or failed; behind all that are not. */
  costs: readonly number[] | null;
}

/** A draw in [0, 1). */
type Draw = () => number;

/** Tries per child to find a point that is new: small spaces run out of them. */
const TRIES = 50;

export function createNsga2(space: Space, settings: Settings): Search {
  const { population, generations, seed } = settings;
  const seen = new Set<string>();
  let parents: readonly Individual[] = [];
  let current: readonly Individual[] = [];
  let generation = 0;
  let evaluated = 0;
  const individuals = (all: readonly Levels[]): Individual[] =>
    all.map((levels) => ({ index: evaluated++, levels, costs: null }));
  return {
    most_points: Math.min(population * (generations + 1), space.combinations),
    learns: true,
    next: () => {
      if (generation > generations) return null;
      const draw = drawsOf(seed, generation);
      if (generation > 0) parents = survivors([...parents, ...current], population);
      const make =
        generation === 0 ? () => randomLevels(space, draw) : breeder(space, parents, draw);
      current = individuals(newLevels(space, population, seen, make));
      generation++;
      return current.length === 0 ? null : current;
    },
    tell: (index, costs) => {
      const individual = current[index - (current[0]?.index ?? 0)];
      if (individual !== undefined) individual.costs = costs;
    },
  };
}

/** A stream of draws of its own for each generation. */
function drawsOf(seed: number, generation: number): Draw {
  let index = 0;
  const address = { seed, matrix: 1, block: 0, purpose: "exploration", row: generation } as const;
  return () => wordAt(address, index++) / 2 ** 32;
}

const randomLevels = (space: Space, draw: Draw): Levels =>
  levelsOfCube(
    space,
    space.variables.map(() => draw()),
  );

/** Up to `count` points that exist and were not seen before. */
function newLevels(
  space: Space,
  count: number,
  seen: Set<string>,
  make: () => Levels,
): readonly Levels[] {
  const fresh: Levels[] = [];
  for (let tries = 0; fresh.length < count && tries < TRIES * count; tries++) {
    const levels = make();
    const key = levelsKey(levels);
    if (seen.has(key) || !exists(space, levels)) continue;
    seen.add(key);
    fresh.push(levels);
  }
  return fresh;
}

/** The best of parents and children; infeasible ones only where there is room. */
function survivors(all: readonly Individual[], count: number): readonly Individual[] {
  const feasible = all.filter(({ costs }) => costs !== null);
  const best = selectBest(matrixOf(feasible), rowsOf(feasible), count).map((row) => feasible[row]!);
  const others = all.filter(({ costs }) => costs === null);
  return [...best, ...others.slice(0, count - best.length)];
}

const rowsOf = (individuals: readonly Individual[]): number[] => individuals.map((_, i) => i);

const matrixOf = (feasible: readonly Individual[]): CostMatrix => ({
  objectives: feasible[0]?.costs?.length ?? 0,
  costs: Float64Array.from(feasible.flatMap(({ costs }) => costs ?? [])),
});

/** Makes children of parents that won a tournament. */
function breeder(space: Space, parents: readonly Individual[], draw: Draw): () => Levels {
  const fitness = fitnessOf(parents);
  const pick = (): Individual => parents[Math.floor(draw() * parents.length)]!;
  const winner = (): Individual => {
    const [a, b] = [pick(), pick()];
    return fitness.get(b)! < fitness.get(a)! ? b : a;
  };
  return () => {
    const [mother, father] = [winner(), winner()];
    const mixed = mother.levels.map((level, v) => (draw() < 0.5 ? level : father.levels[v]!));
    return mutated(space, mixed, draw);
  };
}

/** Place of each parent when sorted by rank, then by loneliness: 0 is the fittest. */
function fitnessOf(parents: readonly Individual[]): ReadonlyMap<Individual, number> {
  const feasible = parents.filter(({ costs }) => costs !== null);
  const matrix = matrixOf(feasible);
  const sorted = paretoRanks(matrix, rowsOf(feasible)).flatMap((front) => {
    const distances = crowdingDistances(matrix, front);
    return front
      .map((row, i) => ({ row, distance: distances[i]! }))
      .sort((a, b) => (a.distance === b.distance ? a.row - b.row : b.distance - a.distance))
      .map(({ row }) => feasible[row]!);
  });
  const places = new Map(sorted.map((individual, place) => [individual, place]));
  for (const other of parents) if (!places.has(other)) places.set(other, parents.length);
  return places;
}

/** One variable changes on average: to a neighbour where values are ordered, else to any other. */
function mutated({ variables }: Space, levels: Levels, draw: Draw): Levels {
  return levels.map((level, v) => {
    const { values, ordered } = variables[v]!;
    const count = values.length;
    if (count === 1 || draw() >= 1 / variables.length) return level;
    if (!ordered || draw() < 0.2) return (level + 1 + Math.floor(draw() * (count - 1))) % count;
    const step = (draw() < 0.5 ? -1 : 1) * (1 + Math.floor(draw() ** 3 * (count / 4)));
    return Math.min(count - 1, Math.max(0, level + step));
  });
}

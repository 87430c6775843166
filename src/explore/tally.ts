/** What is kept of all rows: a few numbers each, so that memory hardly grows with their number. */
import type { CostMatrix } from "./pareto.ts";
import { costsOf } from "./results.ts";
import type { PointRow } from "./row.ts";
import type { Objective } from "./space.ts";

export interface Failure {
  readonly error: string;
  rows_count: number;
  /** The first such point of the search. */
  example_index: number;
}

/** Different errors that are told apart; the rest is summed up. */
const MOST_FAILURES = 20;

/** Points of one stage. */
export interface StageTally {
  /** Has a row of the point been added? */
  readonly has: (index: number) => boolean;
  /** Costs of a point; null for one that is infeasible or failed. */
  readonly costsAt: (index: number) => readonly number[] | null;
  /** Rows so far, infeasible and failed ones included. */
  readonly count: () => number;
  readonly infeasible: () => number;
  /**
   * Costs of all feasible points, in the order of their index.
   *
   * @returns `indices`: index of each row of the matrix; `all`: indices of all points, ascending
   */
  readonly sorted: () => {
    readonly matrix: CostMatrix;
    readonly indices: Float64Array;
    readonly all: Float64Array;
  };
  readonly add: (row: PointRow) => void;
}

export function createStageTally(objectives: readonly Objective[]): StageTally {
  const width = objectives.length;
  /** Place of a point in `costs`; -1: none. */
  const places = new Map<number, number>();
  let costs = new Float64Array(1024 * width);
  let feasible = 0;
  const store = (own: readonly number[]): number => {
    if ((feasible + 1) * width > costs.length) {
      const larger = new Float64Array(2 * costs.length);
      larger.set(costs);
      costs = larger;
    }
    costs.set(own, feasible * width);
    return feasible++;
  };
  const costsOfPlace = (place: number): Float64Array =>
    costs.subarray(place * width, (place + 1) * width);
  return {
    has: (index) => places.has(index),
    costsAt: (index) => {
      const place = places.get(index) ?? -1;
      return place < 0 ? null : [...costsOfPlace(place)];
    },
    count: () => places.size,
    infeasible: () => places.size - feasible,
    sorted: () => {
      const all = Float64Array.from(places.keys()).sort();
      const indices = all.filter((index) => places.get(index)! >= 0);
      const sorted = new Float64Array(indices.length * width);
      indices.forEach((index, row) => {
        sorted.set(costsOfPlace(places.get(index)!), row * width);
      });
      return { matrix: { objectives: width, costs: sorted }, indices, all };
    },
    add: (row) => {
      if (places.has(row.index)) return;
      const own = costsOf(objectives, row);
      places.set(row.index, own === null ? -1 : store(own));
    },
  };
}

/** Counts rows with errors, by error. */
export function createFailureTally() {
  const failures = new Map<string, Failure>();
  let total = 0;
  return {
    add: ({ error, index }: PointRow): void => {
      if (error === null) return;
      total++;
      const key = failures.has(error) || failures.size < MOST_FAILURES ? error : "other errors";
      const known = failures.get(key);
      if (known) {
        known.rows_count++;
        known.example_index = Math.min(known.example_index, index);
      } else failures.set(key, { error: key, rows_count: 1, example_index: index });
    },
    total: (): number => total,
    /** Most frequent first. */
    failures: (): readonly Failure[] =>
      [...failures.values()].sort(
        (a, b) => b.rows_count - a.rows_count || a.example_index - b.example_index,
      ),
  };
}

/** What a search is. */
import type { Point } from "../points.ts";

/**
 * A search hands out batches. The points of a batch may be evaluated in any order; the next batch
 * is asked for when all costs of the last one have been told.
 */
export interface Search {
  /** Points that the search will evaluate at most, skipped combinations included. */
  readonly most_points: number;
  /** Does the next batch depend on costs? Then they are to be told. */
  readonly learns: boolean;
  /** null: the search is over. */
  readonly next: () => Iterable<Point> | null;
  /** @param costs to be minimised; null for a point that is infeasible or failed */
  readonly tell: (index: number, costs: readonly number[] | null) => void;
}

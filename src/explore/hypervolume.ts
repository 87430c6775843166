/** Hypervolume: how much of a box a front dominates. */
import { type CostMatrix, paretoFront } from "./pareto.ts";

/** One bound per objective; costs are minimised. */
export interface Box {
  readonly best: readonly number[];
  readonly worst: readonly number[];
}

/**
 * Share of the box that is dominated by at least one row: exact.
 *
 * Slices along the last objective: between two neighbouring costs the volume is that of the rows
 * so far, one dimension lower.
 *
 * An objective that all points agree on adds nothing and is left out.
 *
 * @source While et al., "A faster algorithm for calculating hypervolume", IEEE Transactions on
 *   Evolutionary Computation 10, 2006 (hypervolume by slicing objectives).
 */
export function hypervolume_frac(
  { objectives, costs }: CostMatrix,
  rows: readonly number[],
  { best, worst }: Box,
): number {
  const used = best.flatMap((low, o) => (low < worst[o]! ? [o] : []));
  if (used.length === 0) return rows.length > 0 ? 1 : 0;
  const scaled = rows.map((row) =>
    used.map((o) => (costs[row * objectives + o]! - best[o]!) / (worst[o]! - best[o]!)),
  );
  return volume(
    scaled
      .filter((place) => place.every((x) => x < 1))
      .map((place) => place.map((x) => Math.max(0, x))),
    used.length,
  );
}

/** Volume between the places and the corner (1, ..., 1), in the first `dimensions` coordinates. */
function volume(places: readonly (readonly number[])[], dimensions: number): number {
  if (places.length === 0) return 0;
  if (dimensions === 1) return 1 - Math.min(...places.map(([x]) => x!));
  if (dimensions === 2) return area(places);
  const last = dimensions - 1;
  const sorted = [...places].sort((a, b) => a[last]! - b[last]!);
  let sum = 0;
  let front: (readonly number[])[] = [];
  sorted.forEach((place, i) => {
    front = insert(front, place, last);
    const thickness = (sorted[i + 1]?.[last] ?? 1) - place[last]!;
    if (thickness > 0) sum += thickness * volume(front, last);
  });
  return sum;
}

/** Keeps what no other place dominates in the first `dimensions` coordinates. */
function insert(
  front: readonly (readonly number[])[],
  place: readonly number[],
  dimensions: number,
): (readonly number[])[] {
  const covers = (a: readonly number[], b: readonly number[]): boolean => {
    for (let d = 0; d < dimensions; d++) if (a[d]! > b[d]!) return false;
    return true;
  };
  if (front.some((other) => covers(other, place))) return [...front];
  return [...front.filter((other) => !covers(place, other)), place];
}

/** Two dimensions: a staircase. */
function area(places: readonly (readonly number[])[]): number {
  const sorted = [...places].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
  let sum = 0;
  let lowest = 1;
  for (const [x, y] of sorted) {
    if (y! >= lowest) continue;
    sum += (1 - x!) * (lowest - y!);
    lowest = y!;
  }
  return sum;
}

/** Bounds of all rows; null without rows. */
export function boundingBox(
  { objectives, costs }: CostMatrix,
  rows: readonly number[],
): Box | null {
  if (rows.length === 0) return null;
  const bound = (pick: (a: number, b: number) => number): number[] =>
    Array.from({ length: objectives }, (_, o) =>
      rows.reduce(
        (b, row) => pick(b, costs[row * objectives + o]!),
        costs[rows[0]! * objectives + o]!,
      ),
    );
  return { best: bound(Math.min), worst: bound(Math.max) };
}

/**
 * The volume after the first evaluations of a search, at evenly spaced numbers of them.
 *
 * @param rowOf row of the n-th evaluation; null where it has no costs
 */
export function hypervolumeTrace(
  matrix: CostMatrix,
  evaluations: number,
  rowOf: (evaluation: number) => number | null,
  box: Box,
  steps: number,
): { readonly evaluations: number; readonly volume_frac: number }[] {
  const trace = [];
  let front: number[] = [];
  let done = 0;
  for (let step = 1; step <= Math.min(steps, evaluations); step++) {
    const end = Math.round((step * evaluations) / Math.min(steps, evaluations));
    const added: number[] = [];
    for (; done < end; done++) {
      const row = rowOf(done);
      if (row !== null) added.push(row);
    }
    front = paretoFront(matrix, [...front, ...added]);
    trace.push({ evaluations: end, volume_frac: hypervolume_frac(matrix, front, box) });
  }
  return trace;
}

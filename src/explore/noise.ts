/** Which points of a front are within noise of others. */
import { costsOf } from "./results.ts";
import { type PointRow, semOf } from "./row.ts";
import type { Objective } from "./space.ts";

/** Normal quantile of 97.5 %: a two-sided level of 5 %. */
const Z = 1.959964;

/**
 * Points that may dominate a point of the front: wherever it is better than they are, its lead is
 * within noise.
 *
 * The standard error of a lead is that of two independent measurements. Points that share their
 * noise seeds differ by less than that, so that too many are named rather than too few.
 *
 * @returns index of each such row, ascending; rows with equal costs are not among them
 */
export function withinNoiseOf(
  objectives: readonly Objective[],
  row: PointRow,
  others: readonly PointRow[],
): number[] {
  const own = costsOf(objectives, row);
  if (own === null) return [];
  return others
    .filter((other) => other.index !== row.index && mayDominate(objectives, row, own, other))
    .map(({ index }) => index)
    .sort((a, b) => a - b);
}

function mayDominate(
  objectives: readonly Objective[],
  row: PointRow,
  own: readonly number[],
  other: PointRow,
): boolean {
  const theirs = costsOf(objectives, other);
  if (theirs === null || theirs.every((cost, o) => cost === own[o])) return false;
  return objectives.every(({ name }, o) => {
    const lead = theirs[o]! - own[o]!;
    return lead <= Z * Math.hypot(semIn(row, name), semIn(other, name));
  });
}

const semIn = (row: PointRow, objective: string): number => {
  const sem = row[semOf(objective)];
  return typeof sem === "number" ? sem : 0;
};

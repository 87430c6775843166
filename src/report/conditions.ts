/** Perplexity of every placement under every condition of a run, as a table. */
import type { Report, ReportAccuracyPoint } from "../model/report.ts";
import { withSpread } from "./quantity.ts";

export interface ConditionTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A row per placement, a column per noise scale and age; null where a run has one condition only. */
export function conditionTable({ accuracy_points: points = [] }: Report): ConditionTable | null {
  if (points.length === 0) return null;
  const conditions = [...new Set(points.map(keyOf))];
  const placements = [...new Set(points.map(({ placement }) => placement))];
  const own = (name: string, key: string): ReportAccuracyPoint | undefined =>
    points.find((point) => point.placement === name && keyOf(point) === key);
  return {
    title: `Perplexity over ${varied(points).join(" and ")}`,
    head: [
      "Placement",
      ...conditions.map((key) => labelOf(points, points.find((p) => keyOf(p) === key)!)),
    ],
    rows: placements.map((name) => [name, ...conditions.map((key) => cellOf(own(name, key)))]),
  };
}

const keyOf = ({ noise_scale, age_s }: ReportAccuracyPoint): string => `${noise_scale} ${age_s}`;

const severalOf = (
  points: readonly ReportAccuracyPoint[],
  field: "noise_scale" | "age_s",
): boolean => new Set(points.map((point) => point[field])).size > 1;

const varied = (points: readonly ReportAccuracyPoint[]): string[] => [
  ...(severalOf(points, "noise_scale") ? ["noise scale"] : []),
  ...(severalOf(points, "age_s") ? ["time since programming"] : []),
];

const labelOf = (
  points: readonly ReportAccuracyPoint[],
  { noise_scale, age_s }: ReportAccuracyPoint,
): string =>
  [
    ...(severalOf(points, "noise_scale") ? [`noise x ${noise_scale}`] : []),
    ...(severalOf(points, "age_s") ? [`${age_s} s`] : []),
  ].join(", ");

const cellOf = (point: ReportAccuracyPoint | undefined): string =>
  point === undefined ? "-" : withSpread(point.perplexity, point.perplexity_sem, 2);

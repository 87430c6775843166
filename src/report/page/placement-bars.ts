/** Bars per placement from long tables. */
import { group, rollup, sum } from "d3-array";
import type { Report } from "../../model/report.ts";
import type { Bar } from "../figures/bars.ts";
import { CATEGORIES } from "../figures/palette.ts";

/** The largest keys by their sums; the last one stands for all others. */
export function largestKeys(sums: ReadonlyMap<string, number>): string[] {
  const sorted = [...sums].filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1]);
  const names = sorted.map(([key]) => key);
  return names.length <= CATEGORIES ? names : [...names.slice(0, CATEGORIES - 1), "all else"];
}

/** Sums by key, those that are not among `keys` under "all else". */
export function partsOf<T>(
  rows: readonly T[],
  keys: readonly string[],
  keyOf: (row: T) => string,
  amountOf: (row: T) => number,
): Bar["parts"] {
  const known = new Set(keys);
  const sums = rollup(
    rows,
    (some) => sum(some, amountOf),
    (row) => (known.has(keyOf(row)) ? keyOf(row) : "all else"),
  );
  return [...sums].map(([key, value]) => ({ key, value }));
}

/** One bar per placement; those that cannot run say so. */
export function barsOf<T extends { readonly placement: string }>(
  { rows }: Report,
  table: readonly T[],
  keys: readonly string[],
  keyOf: (row: T) => string,
  amountOf: (row: T) => number,
): Bar[] {
  const byPlacement = group(table, (row) => row.placement);
  return rows.map(({ placement, feasible }) => ({
    name: placement,
    parts: partsOf(byPlacement.get(placement) ?? [], keys, keyOf, amountOf),
    ...(feasible ? {} : { remark: "does not fit" }),
  }));
}

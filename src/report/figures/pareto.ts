/** Rows as points: two fields on the axes, a third as size. */
import type { ReportRow } from "../../model/report.ts";
import { formatField, formatWithError, PLOT_FIELDS, type PlotFieldName } from "./fields.ts";
import type { ScatterChart, ScatterPoint } from "./scatter.ts";

export interface ParetoPick {
  readonly x: PlotFieldName;
  readonly y: PlotFieldName;
  readonly size: PlotFieldName | null;
}

/** Is `a` at least as good in every field, and better in one? */
export function dominates(a: ReportRow, b: ReportRow, fields: readonly PlotFieldName[]): boolean {
  let isBetter = false;
  for (const name of fields) {
    const sign = PLOT_FIELDS[name].direction === "less" ? 1 : -1;
    const lead = sign * ((b[name] as number) - (a[name] as number));
    if (lead < 0) return false;
    if (lead > 0) isBetter = true;
  }
  return isBetter;
}

/** Rows that have all fields, with their numbers in `rows`. */
export function paretoChart(
  rows: readonly ReportRow[],
  { x, y, size }: ParetoPick,
): ScatterChart & { readonly rowNumbers: readonly number[] } {
  const fields = [x, y, ...(size === null ? [] : [size])];
  const rowNumbers = rows
    .map((_, i) => i)
    .filter((i) => rows[i]!.feasible && fields.every((name) => typeof rows[i]![name] === "number"));
  const shown = rowNumbers.map((i) => rows[i]!);
  const most =
    size === null ? 1 : Math.max(...shown.map((row) => Math.abs(row[size] as number)), 1e-300);
  const points = shown.map((row): ScatterPoint => {
    const share = size === null ? 0.12 : Math.abs(row[size] as number) / most;
    return {
      name: row.placement,
      x: row[x] as number,
      y: row[y] as number,
      xError: errorOf(row, x),
      yError: errorOf(row, y),
      size: share,
      isDominated: shown.some((other) => dominates(other, row, fields)),
      title: `${row.placement}: ${fields.map((name) => valueText(row, name)).join(", ")}`,
    };
  });
  const front = points.filter(({ isDominated }) => !isDominated).map(({ name }) => name);
  return {
    rowNumbers,
    points,
    summary: `${PLOT_FIELDS[y].title} over ${PLOT_FIELDS[x].title.toLowerCase()} of ${points.length} placements; not beaten by any other: ${front.join(", ")}`,
    xTitle: PLOT_FIELDS[x].title,
    yTitle: PLOT_FIELDS[y].title,
    xFormat: (value) => formatField(x, value),
    yFormat: (value) => formatField(y, value),
  };
}

function errorOf(row: ReportRow, name: PlotFieldName): number | null {
  const { sem } = PLOT_FIELDS[name];
  const error = sem === null ? null : row[sem];
  return typeof error === "number" ? error : null;
}

/** "Perplexity 49.2 ± 0.16" */
export function valueText(row: ReportRow, name: PlotFieldName): string {
  const value = row[name];
  if (typeof value !== "number") return `${PLOT_FIELDS[name].title} not evaluated`;
  return `${PLOT_FIELDS[name].title} ${formatWithError(name, value, errorOf(row, name))}`;
}

import type { ReportRow } from "../model/report.ts";
import type { Column } from "./columns.ts";

const PREFIXES = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
  [1e-3, "m"],
  [1e-6, "u"],
  [1e-9, "n"],
  [1e-12, "p"],
  [1e-15, "f"],
] as const;

/** `4.22e-6, "s"` to `4.22 us`: three significant digits and an SI prefix (ASCII u for micro). */
export function engineering(value: number, unit: string): string {
  if (value === 0) return `0 ${unit}`;
  const rounded = Math.abs(Number(value.toPrecision(3)));
  const [factor, prefix] = PREFIXES.find(([f]) => rounded >= f) ?? [1e-15, "f"];
  return `${(value / factor).toPrecision(3)} ${prefix}${unit}`;
}

/** What a person's table shows in one cell; "-" where nothing was evaluated. */
export function cellText(row: ReportRow, column: Column): string {
  const value = row[column.field];
  if (value === null || value === undefined) return "-";
  if (typeof value !== "number") return String(value);
  if (column.base) return engineering(value * column.base.factor, column.base.unit);
  const scale = column.percent ? 100 : 1;
  const sem = column.sem === undefined ? null : row[column.sem];
  const spread = typeof sem === "number" ? sem * scale : null;
  return `${withSpread(value * scale, spread, column.digits ?? 0)}${column.percent ? " %" : ""}`;
}

/** "49.20 ±0.16"; without a standard error the value alone. */
export const withSpread = (value: number, sem: number | null, digits: number): string =>
  `${value.toFixed(digits)}${sem === null ? "" : ` ±${sem.toFixed(digits)}`}`;

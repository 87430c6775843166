import type { Report, ReportRow } from "../../model/report.ts";

/** A cell that a spreadsheet would run as a formula is text instead. */
const isFormula = (text: string): boolean => /^[=+\-@\t\r]/.test(text);

type CsvValue = string | number | boolean | null | undefined | readonly string[];

function csvCell(value: CsvValue): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const plain = Array.isArray(value) ? value.join("; ") : String(value);
  const text = isFormula(plain) ? `'${plain}` : plain;
  return /[",\r\n;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lines of cells, RFC 4180. */
export const csvLines = (lines: readonly (readonly CsvValue[])[]): string =>
  lines.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");

/** One line per placement, every field of the row, full precision. */
export function renderCsv(report: Report): string {
  const fields = Object.keys(report.rows[0] ?? {}) as (keyof ReportRow)[];
  return csvLines([fields, ...report.rows.map((row) => fields.map((field) => row[field]))]);
}

import type { Report, ReportRow } from "../../model/report.ts";

/** A cell that a spreadsheet would run as a formula is text instead. */
const isFormula = (text: string): boolean => /^[=+\-@\t\r]/.test(text);

function csvCell(value: ReportRow[keyof ReportRow]): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const plain = Array.isArray(value) ? value.join("; ") : String(value);
  const text = isFormula(plain) ? `'${plain}` : plain;
  return /[",\r\n;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180, one line per placement, every field of the row, full precision. */
export function renderCsv(report: Report): string {
  const fields = Object.keys(report.rows[0] ?? {}) as (keyof ReportRow)[];
  const lines = [
    fields as readonly string[],
    ...report.rows.map((row) => fields.map((field) => csvCell(row[field]))),
  ];
  return lines.map((cells) => `${cells.join(",")}\r\n`).join("");
}

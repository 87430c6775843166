import Table from "cli-table3";
import type { Report, ReportRow } from "../model/report.ts";
import { COLUMNS, type Column } from "./columns.ts";
import { cellText } from "./quantity.ts";
import { headline } from "./summary.ts";

/** Columns that do not fit 80 characters; the files have them. */
const LEFT_OUT: readonly (keyof ReportRow)[] = ["digital_parameters_frac"];

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: " ",
} as const;

/** A column without a single value says nothing. */
const isShown = (report: Report) => (column: Column): boolean =>
  !LEFT_OUT.includes(column.field) && report.rows.some((row) => row[column.field] !== null);

/** Lines of at most `width` characters; longer words stay whole. */
function wrapped(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width - indent.length) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((l, i) => (i === 0 ? l : `${indent}${l}`)).join("\n");
}

/** The table that a run prints; plain text, at most 80 columns for names up to 21 characters. */
export function renderTerminal(report: Report): string {
  const columns = COLUMNS.filter(isShown(report));
  const table = new Table({
    head: columns.map(({ title }) => title.replace("/", "/\n").replace(" ", "\n")),
    chars: NO_LINES,
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
    colAligns: columns.map((_, i) => (i === 0 ? "left" : "right")),
  });
  table.push(...report.rows.map((row) => columns.map((column) => cellText(row, column))));
  const infeasible = report.rows
    .filter(({ feasible }) => !feasible)
    .map((row) => `${row.placement}: does not fit: ${row.infeasible_reason}`);
  const notes = [...infeasible, ...report.notes].map((note) => wrapped(`- ${note}`, 80, "  "));
  return `${[headline(report), "", trimmed(table.toString()), "", ...notes].join("\n").trimEnd()}\n`;
}

const trimmed = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");

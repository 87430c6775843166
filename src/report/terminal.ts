import Table from "cli-table3";
import type { Report, ReportRow } from "../model/report.ts";
import { COLUMNS, type Column } from "./columns.ts";
import { cellText } from "./quantity.ts";
import { headline } from "./summary.ts";

const TERMINAL_WIDTH = 80;

/** What gives way, in this order, while the table is too wide; the files have every column. */
const GIVES_WAY: readonly (keyof ReportRow)[] = [
  "digital_parameters_frac",
  "area_mm2",
  "prefill_latency_ns",
  "next_token_accuracy_frac",
];

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

/** The table that a run prints; plain text of at most 80 columns, unless names are very long. */
export function renderTerminal(report: Report): string {
  const infeasible = report.rows
    .filter(({ feasible }) => !feasible)
    .map((row) => `${row.placement}: does not fit: ${row.infeasible_reason}`);
  const notes = [...infeasible, ...report.notes].map((note) =>
    wrapped(`- ${note}`, TERMINAL_WIDTH, "  "),
  );
  return `${[headline(report), "", fittingTable(report), "", ...notes].join("\n").trimEnd()}\n`;
}

/** A column without a single value says nothing and is left out. */
function fittingTable({ rows }: Report): string {
  let columns = COLUMNS.filter(({ field }) => rows.some((row) => row[field] !== null));
  let table = tableOf(rows, columns);
  for (const field of GIVES_WAY) {
    if (widthOf(table) <= TERMINAL_WIDTH) break;
    columns = columns.filter((column) => column.field !== field);
    table = tableOf(rows, columns);
  }
  return table;
}

function tableOf(rows: readonly ReportRow[], columns: readonly Column[]): string {
  const table = new Table({
    head: columns.map(({ title }) => title.replace("/", "/\n").replace(" ", "\n")),
    chars: NO_LINES,
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
    colAligns: columns.map((_, i) => (i === 0 ? "left" : "right")),
  });
  table.push(...rows.map((row) => columns.map((column) => cellText(row, column))));
  return trimmed(table.toString());
}

const widthOf = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

const trimmed = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");

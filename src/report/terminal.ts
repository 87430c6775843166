import type { Report, ReportRow } from "../model/report.ts";
import { type Column, columnsOf } from "./columns.ts";
import { conditionTable } from "./conditions.ts";
import { cellText } from "./quantity.ts";
import { headline } from "./summary.ts";
import { bar, bold, good, PLAIN, type TerminalStyle, visibleLength } from "./terminal-style.ts";
import { textTable } from "./text-table.ts";

const TERMINAL_WIDTH = 80;

/** What gives way, in this order, while the table is too wide; the files have every column. */
const GIVES_WAY: readonly (keyof ReportRow)[] = [
  "digital_parameters_frac",
  "area_mm2",
  "prefill_latency_ns",
  "next_token_accuracy_frac",
];

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

/**
 * The table that a run prints; at most 80 columns, unless names are very long. On a terminal the
 * best values are bold and energies have bars; in a pipe it is plain text.
 */
export function renderTerminal(report: Report, style: TerminalStyle = PLAIN): string {
  const infeasible = report.rows
    .filter(({ feasible }) => !feasible)
    .map((row) => `${row.placement}: does not fit: ${row.infeasible_reason}`);
  const notes = [...infeasible, ...report.notes].map((note) =>
    wrapped(`- ${note}`, TERMINAL_WIDTH, "  "),
  );
  const parts = [bold(headline(report), style), "", fittingTable(report, style), ""];
  return `${[...parts, ...conditionLines(report), ...notes].join("\n").trimEnd()}\n`;
}

/** A few conditions side by side, the rest below. */
function conditionLines(report: Report): string[] {
  const table = conditionTable(report);
  if (table === null) return [];
  const { title, head, rows } = table;
  const lines = [title, ""];
  for (let first = 1; first < head.length; first += CONDITIONS_A_TABLE) {
    const part = (cells: readonly string[]): string[] => [
      cells[0]!,
      ...cells.slice(first, first + CONDITIONS_A_TABLE),
    ];
    const columns = part(head).map((text) => text.replace(", ", "\n"));
    const aligns = columns.map((_, i) => (i === 0 ? ("left" as const) : ("right" as const)));
    lines.push(textTable(columns, rows.map(part), aligns), "");
  }
  return lines;
}
const CONDITIONS_A_TABLE = 4;

/** A column without a single value says nothing and is left out. */
function fittingTable(report: Report, style: TerminalStyle): string {
  const { rows } = report;
  let columns = columnsOf(report).filter(({ field }) => rows.some((row) => row[field] !== null));
  let table = tableOf(rows, columns, style);
  for (const field of GIVES_WAY) {
    if (widthOf(table) <= TERMINAL_WIDTH) break;
    columns = columns.filter((column) => column.field !== field);
    table = tableOf(rows, columns, style);
  }
  const room = TERMINAL_WIDTH - widthOf(table) - 1;
  return style.color && room >= 6 ? tableOf(rows, columns, style, Math.min(14, room)) : table;
}

/** @param barWidth characters for a bar of the energy; 0: none */
function tableOf(
  rows: readonly ReportRow[],
  columns: readonly Column[],
  style: TerminalStyle,
  barWidth = 0,
): string {
  const most = Math.max(...rows.map((row) => row.energy_pJ_per_token ?? 0));
  const hasBars = barWidth > 0;
  return textTable(
    [
      ...columns.map(({ title }) => title.replace("/", "/\n").replace(" ", "\n")),
      ...(hasBars ? ["Energy"] : []),
    ],
    rows.map((row) => [
      ...columns.map((column) =>
        isBest(rows, row, column) ? good(cellText(row, column), style) : cellText(row, column),
      ),
      ...(hasBars ? [bar((row.energy_pJ_per_token ?? 0) / most, barWidth)] : []),
    ]),
    [...columns.map((_, i) => (i === 0 ? ("left" as const) : ("right" as const))), "left"],
  );
}

/** The least of what should be small, the most of what should be large; of several rows only. */
function isBest(rows: readonly ReportRow[], row: ReportRow, { field }: Column): boolean {
  const direction = BEST[field];
  const value = row[field];
  if (direction === undefined || typeof value !== "number" || rows.length < 2) return false;
  const all = rows.map((other) => other[field]).filter((other) => typeof other === "number");
  return value === (direction === "least" ? Math.min(...all) : Math.max(...all));
}

const BEST: Partial<Record<keyof ReportRow, "least" | "most">> = {
  prefill_latency_ns: "least",
  decode_latency_ns: "least",
  energy_pJ_per_token: "least",
  perplexity: "least",
  next_token_accuracy_frac: "most",
  accuracy_frac: "most",
};

const widthOf = (text: string): number => Math.max(...text.split("\n").map(visibleLength));

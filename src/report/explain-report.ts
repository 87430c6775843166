/** Why is it slow, costly, inaccurate: ten lines about a whole report. */
import { rollup, sum } from "d3-array";
import type { Report, ReportRow } from "../model/report.ts";
import { engineering } from "./quantity.ts";
import { headline } from "./summary.ts";
import { bold, type TerminalStyle } from "./terminal-style.ts";

/** @returns ten lines of at most 80 characters, unless names are very long */
export function explainReport(report: Report, style: TerminalStyle): string {
  const lines = [
    bold(headline(report), style),
    ...slow(report).map(
      (line, i) => `${i === 0 ? bold("slow      ", style) : "          "}${line}`,
    ),
    ...costly(report).map(
      (line, i) => `${i === 0 ? bold("costly    ", style) : "          "}${line}`,
    ),
    ...inaccurate(report).map(
      (line, i) => `${i === 0 ? bold("inaccurate", style) : "          "}${line}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

interface Range {
  readonly least: ReportRow;
  readonly most: ReportRow;
}

/** The rows with the least and the most of a field. */
function rangeOf({ rows }: Report, field: keyof ReportRow): Range | null {
  const known = rows
    .filter((row) => row.feasible && typeof row[field] === "number")
    .sort((a, b) => (a[field] as number) - (b[field] as number));
  return known.length === 0 ? null : { least: known[0]!, most: known.at(-1)! };
}

const NAME = 24;
const cut = (text: string, most = NAME): string =>
  text.length <= most ? text : `${text.slice(0, most / 2 - 1)}…${text.slice(-most / 2)}`;

const seconds = (ns: number): string => engineering(ns * 1e-9, "s");
const joules = (pJ: number): string => engineering(pJ * 1e-12, "J");

/** "24.1 us (all-digital) to 18.5 us (all-analog)", or one figure. */
const between = (
  { least, most }: Range,
  field: keyof ReportRow,
  text: (v: number) => string,
): string =>
  least === most
    ? `${text(most[field] as number)} (${cut(most.placement)})`
    : `${text(most[field] as number)} (${cut(most.placement)}), at best ${text(least[field] as number)} (${cut(least.placement)})`;

type Sums = ReadonlyMap<string, number>;

/** "hbm 68 %, systolic core 29 %", as many as a line holds. */
function shares(sums: Sums, room: number): string {
  const total = sum(sums.values());
  const parts = [...sums].sort((a, b) => b[1] - a[1]).filter(([, value]) => value > 0);
  let text = "";
  for (const [name, value] of parts) {
    const more = `${text === "" ? "" : ", "}${name} ${((100 * value) / total).toFixed(0)} %`;
    if (text.length + more.length > room) break;
    text += more;
  }
  return text || cut(parts[0]?.[0] ?? "nothing", room);
}

/** What makes the difference between two rows: the largest changes. */
function changes(least: Sums, most: Sums, text: (v: number) => string, room: number): string {
  const names = [...new Set([...least.keys(), ...most.keys()])];
  const parts = names
    .map((name) => [name, (most.get(name) ?? 0) - (least.get(name) ?? 0)] as const)
    .sort((a, b) => b[1] - a[1])
    .filter(([, more]) => more > 0);
  let line = "";
  for (const [name, more] of parts) {
    const next = `${line === "" ? "" : ", "}${name} ${text(more)}`;
    if (line.length + next.length > room) break;
    line += next;
  }
  return line || "nothing";
}

const ROOM = 68;

function slow(report: Report): string[] {
  const range = rangeOf(report, "decode_latency_ns");
  if (range === null) return ["time was not evaluated"];
  const first = ` decode step ${between(range, "decode_latency_ns", seconds)}`;
  const critical = report.critical ?? [];
  if (critical.length === 0)
    return [
      first,
      " why: run again with --explain (level simulate) for the critical path",
      busiest(report, range.most),
    ];
  const steps = report.options.decode_tokens;
  const of = ({ placement }: ReportRow): Sums =>
    rollup(
      critical.filter((row) => row.placement === placement && row.phase === "decode"),
      (rows) => sum(rows, (row) => row.time_ns) / steps,
      (row) => `${row.work} on ${row.component}`,
    );
  const most = of(range.most);
  const second = ` its time: ${shares(most, ROOM - 11)}`;
  const third =
    range.least === range.most
      ? waits(report, range.most)
      : ` more than the best: ${changes(of(range.least), most, seconds, ROOM - 21)}`;
  return [first, second, third];
}

function waits({ waiting = [] }: Report, { placement }: ReportRow): string {
  const own = waiting.filter((row) => row.placement === placement);
  if (own.length === 0) return " nothing waited";
  const sums = rollup(
    own,
    (rows) => sum(rows, (r) => r.waited_ns),
    (r) => r.reason,
  );
  return ` ops waited because of: ${shares(sums, ROOM - 24)}`;
}

function busiest({ breakdown }: Report, { placement }: ReportRow): string {
  const busy = breakdown
    .filter((row) => row.placement === placement && row.busy_ns !== null)
    .map((row) => [row.component, row.busy_ns!] as const);
  return ` server time: ${shares(new Map(busy), ROOM - 14)}`;
}

function costly(report: Report): string[] {
  const range = rangeOf(report, "energy_pJ_per_token");
  if (range === null) return ["energy was not evaluated"];
  const tokens = report.options.decode_tokens * report.options.batch;
  const of = ({ placement }: ReportRow): Sums =>
    rollup(
      report.breakdown.filter((row) => row.placement === placement && row.phase === "decode"),
      (rows) => sum(rows, (row) => row.energy_pJ ?? 0) / tokens,
      (row) => row.component,
    );
  const most = of(range.most);
  const idle = report.breakdown.filter(
    (row) =>
      row.placement === range.most.placement && row.phase === "decode" && row.action === "static",
  );
  const share = sum(idle, (row) => row.energy_pJ ?? 0) / tokens / range.most.energy_pJ_per_token!;
  const third =
    range.least === range.most
      ? ` ${(100 * share).toFixed(0)} % of it is static: it is drawn whether or not there is work`
      : ` more than the best: ${changes(of(range.least), most, joules, ROOM - 21)}`;
  return [
    ` energy per token ${between(range, "energy_pJ_per_token", joules)}`,
    ` its energy: ${shares(most, ROOM - 26)}; ${(100 * share).toFixed(0)} % static`,
    third,
  ];
}

function inaccurate(report: Report): string[] {
  const range = rangeOf(report, "nll_nats");
  if (range === null) return [" accuracy was not evaluated"];
  const nats = (value: number): string => value.toFixed(3);
  const first = ` loss in nats ${between(range, "nll_nats", nats)}`;
  return [first, worstParts(report, range), undecided(report)];
}

/** Where errors arise, if matrices were diagnosed; else how the loss falls with the digital share. */
function worstParts(report: Report, { least }: Range): string {
  const { diagnostics = [] } = report;
  if (diagnostics.length > 0) {
    const squares = rollup(
      diagnostics,
      (rows) => sum(rows, (row) => row.error_rms ** 2),
      (row) => [...row.effects].sort((a, b) => b.error_rms - a.error_rms)[0]?.effect ?? "none",
    );
    return ` largest effect, by squared error: ${shares(squares, ROOM - 35)}`;
  }
  const rows = report.rows
    .filter((row) => row.nll_nats !== null)
    .sort((a, b) => a.digital_parameters_frac - b.digital_parameters_frac);
  let text = " rise by digital share:";
  for (const row of rows) {
    const more = ` ${(100 * row.digital_parameters_frac).toFixed(0)} % +${(row.nll_nats! - least.nll_nats!).toFixed(3)}`;
    if (text.length + more.length + 1 > ROOM) break;
    text += `${text.endsWith(":") ? "" : ","}${more}`;
  }
  return text;
}

function undecided({ paired, seeds }: Report): string {
  const open = paired.filter(({ significant, p_value }) => !significant && p_value !== null);
  if (paired.length === 0) return ` one placement: nothing to compare`;
  if (open.length === 0) return ` all differences are significant over ${seeds} noise seeds`;
  const [first] = open;
  const more = open.length > 1 ? `; ${open.length - 1} more` : "";
  return ` not told apart: ${cut(first!.placement)} and ${cut(first!.versus)} (p = ${first!.p_value!.toFixed(2)})${more}`;
}

/** One topic on the terminal: figures, bars, and what they are made of. */
import { rollup, sum } from "d3-array";
import type { Report, ReportRow } from "../model/report.ts";
import { renderCriticalPaths } from "./explain-time.ts";
import type { TopicName } from "./only.ts";
import { engineering } from "./quantity.ts";
import { headline } from "./summary.ts";
import { bar, bold, dim, type TerminalStyle } from "./terminal-style.ts";
import { textTable } from "./text-table.ts";

const BAR = 16;

type Lines = string[];

/** Text of at most 80 columns, unless names are very long. */
export function renderTopic(report: Report, topic: TopicName, style: TerminalStyle): string {
  const parts = { energy, area, latency, accuracy }[topic](report, style);
  const infeasible = report.rows
    .filter(({ feasible }) => !feasible)
    .map((row) => `- ${row.placement}: does not fit: ${row.infeasible_reason}`);
  return `${[bold(`${headline(report)}, ${topic}`, style), "", ...parts, ...infeasible].join("\n").trimEnd()}\n`;
}

/** A row per placement: one figure with its bar, others beside. */
function figures(
  { rows }: Report,
  field: keyof ReportRow,
  columns: readonly (readonly [title: string, text: (row: ReportRow) => string])[],
): Lines {
  const most = Math.max(...rows.map((row) => (typeof row[field] === "number" ? row[field] : 0)));
  const share = (row: ReportRow): number =>
    typeof row[field] === "number" && most > 0 ? row[field] / most : 0;
  const heads = ["Placement", ...columns.map(([title]) => title), ""];
  const cells = rows.map((row) => [
    cut(row.placement, 26),
    ...columns.map(([, text]) => text(row)),
    bar(share(row), BAR),
  ]);
  const aligns = heads.map((_, i) => (i === 0 || i === heads.length - 1 ? "left" : "right"));
  return [textTable(heads, cells, aligns as ("left" | "right")[]), ""];
}

/** Ends of names tell placements apart. */
const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most / 2 - 1)}…${text.slice(-(most / 2))}`;

const si =
  (field: keyof ReportRow, factor: number, unit: string) =>
  (row: ReportRow): string =>
    typeof row[field] === "number" ? engineering(row[field] * factor, unit) : "-";
const share = (field: keyof ReportRow) => (row: ReportRow) =>
  typeof row[field] === "number" ? `${(row[field] * 100).toFixed(2)} %` : "-";
const plain = (field: keyof ReportRow, digits: number) => (row: ReportRow) =>
  typeof row[field] === "number" ? row[field].toFixed(digits) : "-";

function energy(report: Report, style: TerminalStyle): Lines {
  const decode = report.breakdown.filter(({ phase }) => phase === "decode");
  const made = report.rows
    .filter(({ feasible }) => feasible)
    .map(({ placement }) => {
      const parts = rollup(
        decode.filter((row) => row.placement === placement),
        (rows) => sum(rows, (row) => row.energy_pJ ?? 0),
        (row) => row.component,
      );
      const total = sum(parts.values());
      const largest = [...parts].sort((a, b) => b[1] - a[1]).slice(0, 3);
      const text = largest.map(([name, pJ]) => `${name} ${((100 * pJ) / total).toFixed(0)} %`);
      return `${cut(placement, 26)}: ${text.join(", ")}`;
    });
  return [
    ...figures(report, "energy_pJ_per_token", [
      ["Energy/token", si("energy_pJ_per_token", 1e-12, "J")],
      ["Power", si("power_mW", 1e-3, "W")],
      ["Prefill", si("prefill_energy_pJ", 1e-12, "J")],
    ]),
    dim("largest parts of the decode energy", style),
    ...made,
  ];
}

function area(report: Report, style: TerminalStyle): Lines {
  const first = report.rows.find(({ feasible }) => feasible)?.placement;
  const parts = report.breakdown
    .filter((row) => row.phase === "chip" && row.placement === first && (row.area_mm2 ?? 0) > 0)
    .sort((a, b) => b.area_mm2! - a.area_mm2!);
  const total = sum(parts, (row) => row.area_mm2 ?? 0);
  const table = (
    title: string,
    rows: readonly (readonly [string, string, number])[],
    all: number,
  ) => [
    textTable(
      [title, "n", "mm2", "share", ""],
      rows.map(([name, n, mm2]) => [
        cut(name, 34),
        n,
        mm2.toPrecision(4),
        `${((100 * mm2) / all).toFixed(1)} %`,
        bar(mm2 / all, BAR),
      ]),
      ["left", "right", "right", "right", "left"],
    ),
    "",
  ];
  const tiles = (report.chip?.tile_kinds ?? []).flatMap((kind) =>
    table(
      `One ${kind.name}`,
      kind.parts.filter((p) => p.area_mm2 > 0).map((p) => [p.component, "1", p.area_mm2] as const),
      kind.area_mm2,
    ),
  );
  return [
    ...table(
      "Component",
      parts.map((row) => [row.component, `${row.count}`, row.area_mm2!] as const),
      total,
    ),
    ...tiles,
    dim("occupied: without the tiles that hold no weights", style),
    ...figures(report, "area_occupied_mm2", [
      ["Occupied mm2", plain("area_occupied_mm2", 1)],
      ["Total mm2", plain("area_mm2", 1)],
      ["Tiles", (row) => `${row.tiles_used ?? "-"}/${row.tiles_available ?? "-"}`],
    ]),
  ];
}

function latency(report: Report): Lines {
  return [
    ...figures(report, "decode_latency_ns", [
      ["Prefill", si("prefill_latency_ns", 1e-9, "s")],
      ["Decode", si("decode_latency_ns", 1e-9, "s")],
      ["tokens/s", plain("throughput_tokens_per_s", 0)],
      ["Busy", share("analog_busy_frac")],
    ]),
    renderCriticalPaths(report),
  ];
}

function accuracy(report: Report): Lines {
  const pairs = report.paired
    .filter(({ significant, p_value }) => !significant && p_value !== null)
    .map((p) => `- not told apart: ${p.placement} and ${p.versus} (p = ${p.p_value!.toFixed(2)})`);
  return [
    ...figures(report, "nll_nats", [
      ["Loss, nats", plain("nll_nats", 4)],
      ["±", plain("nll_sem_nats", 4)],
      ["Perplexity", plain("perplexity", 2)],
      ["Next token", share("next_token_accuracy_frac")],
    ]),
    ...pairs,
  ];
}

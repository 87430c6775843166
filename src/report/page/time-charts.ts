import { rollup, sum } from "d3-array";
import type { Report } from "../../model/report.ts";
import { drawBars } from "../figures/bars.ts";
import { quantity } from "../figures/fields.ts";
import type { Chart } from "./chart.ts";
import { barsOf, largestKeys } from "./placement-bars.ts";

/** Latencies; what they are made of, and what ops waited for. */
export const timeCharts = (report: Report): Chart[] => [
  ...latencyCharts(report),
  ...criticalCharts(report),
];

function latencyCharts(report: Report): Chart[] {
  const known = report.rows.some(
    (row) => row.decode_latency_ns !== null || row.prefill_latency_ns !== null,
  );
  if (!known) return [];
  const chart = (
    id: string,
    title: string,
    field: "prefill_latency_ns" | "decode_latency_ns",
  ): Chart => ({
    id,
    title,
    draw: (width) =>
      drawBars(
        {
          summary: `Bars: ${title.toLowerCase()} of each placement`,
          bars: report.rows.map((row) => ({
            name: row.placement,
            parts: row[field] === null ? [] : [{ key: title, value: row[field] }],
            ...(row[field] === null
              ? { remark: row.feasible ? "not evaluated" : "does not fit" }
              : {}),
          })),
          keys: [title],
          format: (value) => quantity(value * 1e-9, "s"),
          axis: "time",
        },
        width,
      ),
  });
  return [
    chart("prefill", "Prefill, prompt to first token", "prefill_latency_ns"),
    chart("decode", "Decode step", "decode_latency_ns"),
  ];
}

function criticalCharts(report: Report): Chart[] {
  const { critical = [], waiting = [] } = report;
  const time = (value: number): string => quantity(value * 1e-9, "s");
  const make = <T extends { readonly placement: string }>(
    id: string,
    title: string,
    rows: readonly T[],
    keyOf: (row: T) => string,
    amountOf: (row: T) => number,
  ): Chart[] => {
    if (rows.length === 0) return [];
    const keys = largestKeys(rollup(rows, (some) => sum(some, amountOf), keyOf));
    const bars = barsOf(report, rows, keys, keyOf, amountOf);
    return [
      {
        id,
        title,
        draw: (width) =>
          drawBars({ summary: title, bars, keys, format: time, axis: "time" }, width),
      },
    ];
  };
  const of = (phase: string) => critical.filter((row) => row.phase === phase);
  return [
    ...make(
      "critical-prefill",
      "Critical path of the prefill",
      of("prefill"),
      (r) => `${r.work} on ${r.component}`,
      (r) => r.time_ns,
    ),
    ...make(
      "critical-decode",
      "Critical path of all decode steps",
      of("decode"),
      (r) => `${r.work} on ${r.component}`,
      (r) => r.time_ns,
    ),
    ...make(
      "waiting",
      "Waiting, summed over ops that wait side by side",
      waiting,
      (r) => `${r.reason}: ${r.component}`,
      (r) => r.waited_ns,
    ),
  ];
}

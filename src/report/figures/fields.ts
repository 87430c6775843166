/** Fields of a row that a plot can show, and how their values are written. */
import type { ReportRow } from "../../model/report.ts";
import { engineering } from "../quantity.ts";

export interface PlotField {
  readonly title: string;
  /** SI base and factor to it; null: a plain number. */
  readonly unit: readonly [base: string, factor: number] | null;
  readonly sem: keyof ReportRow | null;
  /** What is better. */
  readonly direction: "less" | "more";
}

const field = (
  title: string,
  unit: PlotField["unit"],
  direction: PlotField["direction"],
  sem: keyof ReportRow | null = null,
): PlotField => ({ title, unit, sem, direction });

/** In the order of menus. */
export const PLOT_FIELDS = {
  energy_pJ_per_token: field("Energy per token", ["J", 1e-12], "less"),
  decode_latency_ns: field("Decode step", ["s", 1e-9], "less"),
  prefill_latency_ns: field("Prefill", ["s", 1e-9], "less"),
  prefill_energy_pJ: field("Prefill energy", ["J", 1e-12], "less"),
  throughput_tokens_per_s: field("Throughput, tokens/s", null, "more"),
  power_mW: field("Power", ["W", 1e-3], "less"),
  tokens_per_J: field("Tokens per joule", null, "more"),
  area_occupied_mm2: field("Area occupied, mm²", null, "less"),
  area_mm2: field("Area, mm²", null, "less"),
  digital_parameters_frac: field("Digital parameters", ["%", 100], "less"),
  digital_experts_frac: field("Digital experts", ["%", 100], "less"),
  perplexity: field("Perplexity", null, "less", "perplexity_sem"),
  nll_nats: field("Loss, nats", null, "less", "nll_sem_nats"),
  next_token_accuracy_frac: field("Next token", ["%", 100], "more", "next_token_accuracy_sem"),
  accuracy_frac: field("Pairs", ["%", 100], "more", "accuracy_sem"),
  kl_nats: field("KL from digital, nats", null, "less"),
  predicted_nll_rise_nats: field("Predicted rise of loss, nats", null, "less"),
  tiles_used: field("Tiles used", null, "less"),
  cell_utilisation_frac: field("Cells in use", ["%", 100], "more"),
  analog_busy_frac: field("Tiles busy", ["%", 100], "more"),
} as const satisfies Partial<Record<keyof ReportRow, PlotField>>;
export type PlotFieldName = keyof typeof PLOT_FIELDS;

/** The micro sign where the screen has one. */
export const quantity = (value: number, unit: string): string =>
  engineering(value, unit).replace(/ u(?=\S)/, " µ");

export function formatField(name: PlotFieldName, value: number): string {
  const { unit } = PLOT_FIELDS[name];
  if (unit === null) return plain(value);
  return unit[0] === "%" ? `${plain(value * 100)} %` : quantity(value * unit[1], unit[0]);
}

/** "58.40 ± 0.44": the error to two digits, the value to as many places. */
export function formatWithError(name: PlotFieldName, value: number, error: number | null): string {
  const { unit } = PLOT_FIELDS[name];
  if (error === null || error === 0 || (unit !== null && unit[0] !== "%"))
    return error === null
      ? formatField(name, value)
      : `${formatField(name, value)} ± ${formatField(name, error)}`;
  const scale = unit === null ? 1 : unit[1];
  const places = Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(error * scale))));
  const text = (v: number): string => (v * scale).toFixed(places);
  return `${text(value)} ± ${text(error)}${unit === null ? "" : " %"}`;
}

/** Four digits, below one three, no exponent where a person would not write one. */
export function plain(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-4) return value.toExponential(2);
  const digits = size >= 1000 ? 0 : Math.max(0, (size < 1 ? 2 : 3) - Math.floor(Math.log10(size)));
  return Number(value.toFixed(Math.min(digits, 8))).toLocaleString("en-GB", {
    maximumFractionDigits: 8,
  });
}

/** A field of a report in its unit; anything else as a plain number. */
export const formatNamed = (name: string, value: number): string =>
  name in PLOT_FIELDS ? formatField(name as PlotFieldName, value) : plain(value);

/** Fields with a value in at least two rows. */
export function fieldsOf(rows: readonly ReportRow[]): PlotFieldName[] {
  const names = Object.keys(PLOT_FIELDS) as PlotFieldName[];
  return names.filter(
    (name) =>
      rows.filter((row) => typeof row[name] === "number").length >= Math.min(2, rows.length),
  );
}

/** The two that say most, of those there are. */
export function defaultFields(
  names: readonly PlotFieldName[],
): readonly [PlotFieldName, PlotFieldName] {
  const x =
    names.find((n) => n === "energy_pJ_per_token") ??
    names.find((n) => n === "digital_parameters_frac") ??
    names[0]!;
  const y =
    (["perplexity", "predicted_nll_rise_nats", "decode_latency_ns"] as const).find(
      (n) => names.includes(n) && n !== x,
    ) ??
    names.find((n) => n !== x) ??
    x;
  return [x, y];
}

/** Columns of the summary table: every figure that people compare. */
import type { ReportRow } from "../../model/report.ts";
import { formatWithError, PLOT_FIELDS, type PlotFieldName } from "../figures/fields.ts";
import type { Cell } from "./markup.ts";

export interface PageColumn {
  readonly field: PlotFieldName;
  readonly title: string;
}

const SHOWN: readonly PlotFieldName[] = [
  "digital_parameters_frac",
  "energy_pJ_per_token",
  "decode_latency_ns",
  "prefill_latency_ns",
  "perplexity",
  "next_token_accuracy_frac",
  "accuracy_frac",
  "nll_nats",
  "kl_nats",
  "predicted_nll_rise_nats",
  "throughput_tokens_per_s",
  "power_mW",
  "tokens_per_J",
  "area_occupied_mm2",
  "area_mm2",
  "tiles_used",
  "analog_busy_frac",
];

export const PAGE_COLUMNS: readonly PageColumn[] = SHOWN.map((field) => ({
  field,
  title: PLOT_FIELDS[field].title,
}));

/** Fields where the best value of all rows is worth marking. */
const RANKED: readonly PlotFieldName[] = [
  "energy_pJ_per_token",
  "decode_latency_ns",
  "prefill_latency_ns",
  "throughput_tokens_per_s",
  "tokens_per_J",
  "perplexity",
  "nll_nats",
  "next_token_accuracy_frac",
  "accuracy_frac",
];

export function cellTextWide(
  rows: readonly ReportRow[],
  row: ReportRow,
  { field }: PageColumn,
): Cell {
  const value = row[field];
  if (typeof value !== "number") return { text: "-" };
  const { sem, direction } = PLOT_FIELDS[field];
  const error = sem === null ? null : row[sem];
  const all = rows.map((other) => other[field]).filter((other) => typeof other === "number");
  const best = direction === "less" ? Math.min(...all) : Math.max(...all);
  const isBest = rows.length > 1 && RANKED.includes(field) && value === best;
  return {
    text: formatWithError(field, value, typeof error === "number" ? error : null),
    kind: isBest ? "best" : "",
  };
}

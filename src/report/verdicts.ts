/** Which placement wins what, in sentences. */
import type { Report, ReportRow } from "../model/report.ts";
import { formatField, PLOT_FIELDS, type PlotFieldName } from "./figures/fields.ts";
import { valueText } from "./figures/pareto.ts";

/** The best row of one objective. */
export interface Verdict {
  readonly objective: string;
  readonly winner: string;
  readonly value: string;
  /** How far ahead, and whether that is more than chance. */
  readonly remark: string;
}

const OBJECTIVES = [
  ["least energy", "energy_pJ_per_token"],
  ["fastest decode", "decode_latency_ns"],
  ["fastest prefill", "prefill_latency_ns"],
  ["lowest perplexity", "perplexity"],
  ["most pairs right", "accuracy_frac"],
] as const satisfies readonly (readonly [string, PlotFieldName])[];

/** One verdict per objective that at least one row has a value of. */
export function verdicts(report: Report): Verdict[] {
  return OBJECTIVES.flatMap(([objective, field]) => {
    const sign = PLOT_FIELDS[field].direction === "less" ? 1 : -1;
    const ranked = report.rows
      .filter((row) => row.feasible && typeof row[field] === "number")
      .sort((a, b) => sign * ((a[field] as number) - (b[field] as number)));
    const [best, next] = ranked;
    if (best === undefined) return [];
    const remark =
      next === undefined
        ? "the only placement evaluated"
        : lead(report, field, best, next, ranked.at(-1)!);
    return [{ objective, winner: best.placement, value: withError(best, field), remark }];
  });
}

const withError = (row: ReportRow, field: PlotFieldName): string =>
  valueText(row, field).slice(PLOT_FIELDS[field].title.length + 1);

function lead(
  report: Report,
  field: PlotFieldName,
  best: ReportRow,
  next: ReportRow,
  worst: ReportRow,
): string {
  if (best[field] === next[field]) return `${next.placement} is equal`;
  const times = (a: ReportRow, b: ReportRow): string =>
    `${((a[field] as number) / (b[field] as number)).toPrecision(3)} times that`;
  if (field === "perplexity") return significance(report, best, next);
  const most = worst === next ? "" : `; ${worst.placement} ${times(worst, best)}`;
  return `next: ${next.placement}, ${formatField(field, next[field] as number)}, ${times(next, best)}${most}`;
}

/** Paired over seeds, where the report has the test. */
function significance({ paired }: Report, best: ReportRow, next: ReportRow): string {
  const pair = paired.find(
    ({ placement, versus }) =>
      (placement === best.placement && versus === next.placement) ||
      (placement === next.placement && versus === best.placement),
  );
  const name = `${next.placement} (${withError(next, "perplexity")})`;
  if (!pair || pair.p_value === null) return `next is ${name}; one run each, no test`;
  const p = pair.p_value < 0.001 ? "p < 0.001" : `p = ${pair.p_value.toPrecision(2)}`;
  return pair.significant
    ? `significantly better than ${name}, ${p}, paired over seeds`
    : `not significantly better than ${name}, ${p}, paired over seeds`;
}

/** What changed between two runs of the same rows: `ohmoe compare-runs`. */

type Value = string | number | boolean | null | undefined | readonly string[];
/** A row of a report or of an exploration. */
export type ComparableRow = Readonly<Record<string, Value>>;

/** Fields that tell a better design from a worse one; the others may differ without a verdict. */
const BETTER: Readonly<Record<string, "lower" | "higher">> = {
  prefill_latency_ns: "lower",
  decode_latency_ns: "lower",
  throughput_tokens_per_s: "higher",
  energy_pJ_per_token: "lower",
  power_mW: "lower",
  tokens_per_J: "higher",
  prefill_energy_pJ: "lower",
  area_mm2: "lower",
  area_occupied_mm2: "lower",
  nll_nats: "lower",
  perplexity: "lower",
  next_token_accuracy_frac: "higher",
  accuracy_frac: "higher",
  kl_nats: "lower",
  predicted_nll_rise_nats: "lower",
  feasible: "higher",
};

/** Differ from run to run and say nothing about the design. */
const IGNORED: ReadonlySet<string> = new Set(["wall_ms", "engine", "version", "point"]);

export interface Difference {
  readonly row: string;
  readonly field: string;
  readonly before: Value;
  readonly after: Value;
  /** (after - before) / |before|; null where one of them is no number or `before` is 0. */
  readonly change_frac: number | null;
  readonly verdict: "better" | "worse" | "changed" | "within noise";
}

/** Differences of the fields of one row, in its order. */
export function differences(
  name: string,
  before: ComparableRow,
  after: ComparableRow,
): Difference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => !IGNORED.has(field) && !field.endsWith("_sem"))
    .filter((field) => !isSame(before[field], after[field]))
    .map((field) => ({
      row: name,
      field,
      before: before[field],
      after: after[field],
      change_frac: relativeChange(before[field], after[field]),
      verdict: verdictOf(field, before, after),
    }));
}

/** Lists are compared as text: notes, for example. */
const isSame = (a: Value, b: Value): boolean =>
  Array.isArray(a) || Array.isArray(b)
    ? JSON.stringify(a) === JSON.stringify(b)
    : (a ?? null) === (b ?? null);

function relativeChange(a: Value, b: Value): number | null {
  if (typeof a !== "number" || typeof b !== "number" || a === 0) return null;
  return (b - a) / Math.abs(a);
}

function verdictOf(
  field: string,
  before: ComparableRow,
  after: ComparableRow,
): Difference["verdict"] {
  if (field === "error") return (after[field] ?? null) === null ? "better" : "worse";
  const better = BETTER[field];
  const [a, b] = [Number(before[field] ?? Number.NaN), Number(after[field] ?? Number.NaN)];
  if (better === undefined || Number.isNaN(a)) return "changed";
  if (Number.isNaN(b)) return "worse";
  if (isNoise(b - a, before[semOf(field)], after[semOf(field)])) return "within noise";
  return b < a === (better === "lower") ? "better" : "worse";
}

/** `nll_nats` has `nll_sem_nats`, `perplexity` has `perplexity_sem`, `accuracy_frac` `accuracy_sem`. */
const semOf = (field: string): string =>
  field === "nll_nats" ? "nll_sem_nats" : `${field.replace(/_frac$/, "")}_sem`;

/** Less than two standard errors of the difference. */
const isNoise = (difference: number, semBefore: Value, semAfter: Value): boolean =>
  typeof semBefore === "number" &&
  typeof semAfter === "number" &&
  Math.abs(difference) < 2 * Math.hypot(semBefore, semAfter);

/** Is it worse by more than the share that the user allows? What has no share is beyond any. */
export const isRegression = ({ verdict, change_frac }: Difference, most_frac: number): boolean =>
  verdict === "worse" && (change_frac === null || Math.abs(change_frac) > most_frac);

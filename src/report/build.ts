import { rollup, sum } from "d3-array";
import type { AccuracyEvaluation, CostEvaluation } from "../model/evaluation.ts";
import type {
  EvidenceShare,
  Report,
  ReportBreakdownRow,
  ReportRow,
  ReportSource,
} from "../model/report.ts";
import { EVIDENCE } from "../model/schema.ts";
import { type ChipFrame, chipUseParts } from "./chip-use.ts";

/** One placement of a run: what `evaluate` and `accuracy` found out about it. */
export interface EvaluatedPlacement {
  readonly name: string;
  readonly cost: CostEvaluation | null;
  /** What `cost` leaves out when it is null: shares of a placement need no cost model. */
  readonly shares: {
    readonly digital_parameters_frac: number;
    readonly digital_experts_frac: number;
  };
  readonly accuracy: AccuracyEvaluation | null;
  /** The surrogate's rise of the NLL; left out or null: nothing was predicted. */
  readonly predicted_nll_rise_nats?: number | null;
  /** Stands in for the accuracy where that was not measured; left out or null: it does not. */
  readonly predicted_nll_nats?: number | null;
  /** Share of minimal pairs that are right; null where there are none. */
  readonly pairs: { readonly mean: number; readonly sem: number | null } | null;
  /** Why there is no accuracy; null when there is. */
  readonly accuracyNote: string | null;
}

/** A report without what is derived from its evaluations. */
export type ReportFrame = Omit<
  Report,
  | "rows"
  | "breakdown"
  | "sources"
  | "evidence"
  | "waiting"
  | "critical"
  | "chip"
  | "matrices"
  | "floorplans"
  | "layers"
  | "experts"
>;

export function buildReport(
  frame: ReportFrame,
  sources: readonly ReportSource[],
  evaluated: readonly EvaluatedPlacement[],
  chipFrame: ChipFrame | null = null,
): Report {
  const breakdown = evaluated.flatMap(({ name, cost }) => (cost ? breakdownRows(name, cost) : []));
  return {
    ...frame,
    rows: evaluated.map((placement) => reportRow(placement)),
    breakdown,
    sources: [...sources],
    evidence: evidenceShares(breakdown, sources),
    ...explanations(evaluated),
    ...(chipFrame === null ? {} : chipUseParts(chipFrame, evaluated)),
  };
}

/** Waiting times and critical paths of the placements that were asked to explain themselves. */
function explanations(
  evaluated: readonly EvaluatedPlacement[],
): Pick<Report, "waiting" | "critical"> {
  const explained = evaluated.flatMap(({ name, cost }) =>
    cost?.explanation ? [{ placement: name, ...cost.explanation }] : [],
  );
  if (explained.length === 0) return {};
  return {
    waiting: explained.flatMap(({ placement, waiting }) =>
      waiting.map((row) => ({ placement, ...row })),
    ),
    critical: explained.flatMap(({ placement, critical }) =>
      critical.map((row) => ({ placement, ...row })),
    ),
  };
}

/** One row: also those of an exploration. */
export function reportRow({
  name,
  cost,
  shares,
  accuracy,
  pairs,
  accuracyNote,
  predicted_nll_rise_nats = null,
  predicted_nll_nats = null,
}: EvaluatedPlacement): ReportRow {
  const notes = [...(cost?.notes ?? []), ...(accuracyNote === null ? [] : [accuracyNote])];
  return {
    placement: name,
    ...shares,
    ...timeAndEnergy(cost),
    ...chip(cost),
    ...accuracyFields(accuracy, predicted_nll_rise_nats, predicted_nll_nats),
    accuracy_frac: pairs?.mean ?? null,
    accuracy_sem: pairs?.sem ?? null,
    feasible: cost?.feasible ?? true,
    infeasible_reason: cost?.infeasible_reason ?? null,
    notes,
  };
}

function timeAndEnergy(cost: CostEvaluation | null) {
  const prefill = cost?.prefill ?? null;
  const decode = cost?.decode ?? null;
  return {
    prefill_latency_ns: prefill?.latency_ns ?? null,
    decode_latency_ns: decode?.latency_ns ?? null,
    throughput_tokens_per_s: decode ? (decode.tokens / decode.duration_ns) * 1e9 : null,
    energy_pJ_per_token: decode ? decode.energy_pJ / decode.tokens : null,
    power_mW: decode ? decode.energy_pJ / decode.duration_ns : null,
    tokens_per_J: decode ? (decode.tokens / decode.energy_pJ) * 1e12 : null,
    prefill_energy_pJ: prefill?.energy_pJ ?? null,
  };
}

function chip(cost: CostEvaluation | null) {
  return {
    area_mm2: cost?.area_mm2 ?? null,
    area_occupied_mm2: cost?.area_occupied_mm2 ?? null,
    tiles_used: cost?.tiles_used ?? null,
    tiles_available: cost?.tiles_available ?? null,
    crossbars_used: cost?.crossbars_used ?? null,
    crossbars_available: cost?.crossbars_available ?? null,
    cell_utilisation_frac: cost?.cell_utilisation_frac ?? null,
    analog_busy_frac: cost?.analog_busy_frac ?? null,
    ...(cost?.dropped_assignments_frac !== undefined && {
      dropped_assignments_frac: cost.dropped_assignments_frac,
    }),
  };
}

function accuracyFields(
  accuracy: AccuracyEvaluation | null,
  predicted_nll_rise_nats: number | null,
  predicted_nll_nats: number | null,
) {
  const perplexity = predicted_nll_nats === null ? null : Math.exp(predicted_nll_nats);
  const unmeasured = predicted_nll_rise_nats === null ? ("none" as const) : ("predicted" as const);
  return {
    nll_nats: accuracy?.nll_nats ?? predicted_nll_nats,
    nll_sem_nats: accuracy?.nll_sem_nats ?? null,
    perplexity: accuracy?.perplexity ?? perplexity,
    perplexity_sem: accuracy?.perplexity_sem ?? null,
    next_token_accuracy_frac: accuracy?.next_token_accuracy_frac ?? null,
    next_token_accuracy_sem: accuracy?.next_token_accuracy_sem ?? null,
    accuracy_source: accuracy ? ("measured" as const) : unmeasured,
    predicted_nll_rise_nats,
    kl_nats: accuracy?.kl_nats ?? null,
  };
}

/** Energy by phase, component and action; then area and busy time of each component. */
function breakdownRows(placement: string, cost: CostEvaluation): ReportBreakdownRow[] {
  const energy = cost.breakdown.map(({ phase, component, action, count, energy_pJ }) => ({
    placement,
    phase,
    component,
    action,
    count,
    energy_pJ,
    busy_ns: null,
    area_mm2: null,
  }));
  const parts = cost.components.map(({ component, instances, area_mm2, busy_ns }) => ({
    placement,
    phase: "chip" as const,
    component,
    action: "instance",
    count: instances,
    energy_pJ: null,
    busy_ns,
    area_mm2,
  }));
  return [...energy, ...parts];
}

/** Share of each placement's energy that rests on constants of each evidence class. */
function evidenceShares(
  breakdown: readonly ReportBreakdownRow[],
  sources: readonly ReportSource[],
): EvidenceShare[] {
  const evidenceOf = new Map(sources.map(({ component, evidence }) => [component, evidence]));
  const energies = rollup(
    breakdown.filter(({ energy_pJ }) => energy_pJ !== null),
    (rows) => sum(rows, (row) => row.energy_pJ ?? 0),
    ({ placement }) => placement,
    ({ component }) => {
      const evidence = evidenceOf.get(component);
      if (evidence === undefined) throw new Error(`no source for component "${component}"`);
      return evidence;
    },
  );
  return [...energies].flatMap(([placement, byEvidence]) => {
    const total = sum(byEvidence.values());
    return EVIDENCE.filter((evidence) => byEvidence.has(evidence)).map((evidence) => ({
      placement,
      evidence,
      energy_frac: total > 0 ? (byEvidence.get(evidence) ?? 0) / total : 0,
    }));
  });
}

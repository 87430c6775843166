/** What one run yields; field names are those of the report. */
import type { Floorplan, LayerEnergy } from "./chip-use.ts";

/** One line of the energy account. Long table: it sorts, filters and sums in every tool. */
export interface BreakdownRow {
  readonly phase: "prefill" | "decode";
  readonly component: string;
  readonly action: string;
  readonly count: number;
  readonly energy_pJ: number;
}

/** Area and busy time of one component of the chip. */
export interface ComponentRow {
  readonly component: string;
  readonly instances: number;
  readonly area_mm2: number;
  readonly static_mW: number;
  /** Summed over instances; prefill plus decode; null where time is not modelled apart. */
  readonly busy_ns: number | null;
}

/** Time and energy of one phase. */
export interface PhaseCost {
  /** Prefill: whole prompt to first token. Decode: mean of a step. */
  readonly latency_ns: number;
  /** Level `bounds` and below: what the latency can at least and at most be. */
  readonly latency_lower_ns: number;
  readonly latency_upper_ns: number | null;
  /** Whole phase, static included. */
  readonly energy_pJ: number;
  /** Tokens of the phase, all sequences. */
  readonly tokens: number;
  readonly duration_ns: number;
  readonly ops: number;
}

/** What an op that was ready waited for. */
export const WAIT_REASONS = [
  "tile busy",
  "tier conflict",
  "ADC busy",
  "crossbar written",
  "output buffer full",
  "local unit busy",
  "core busy",
  "DRAM busy",
  "memory busy",
  "KV memory busy",
  "link busy",
  "port busy",
] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

/** Ready but not served: time summed over ops, which wait side by side. */
export interface WaitingRow {
  readonly phase: "prefill" | "decode";
  readonly reason: WaitReason;
  /** Component that the ops waited for. */
  readonly component: string;
  readonly waited_ns: number;
  readonly ops: number;
}

/** A part of the critical path; the rows of a phase sum to its duration. */
export interface CriticalRow {
  readonly phase: "prefill" | "decode";
  /** -1: embedding and LM head. */
  readonly layer: number;
  /** What was done, for example "mvm" or "vector softmax". */
  readonly work: string;
  readonly component: string;
  /** Why the op after it had to wait for that: it needed the result, or the place. */
  readonly reason: WaitReason | "result needed";
  readonly time_ns: number;
  readonly ops: number;
}

/** Why the phases take as long as they do. */
export interface CostExplanation {
  readonly waiting: readonly WaitingRow[];
  readonly critical: readonly CriticalRow[];
}

/** What each place of the chip did. Arrays as in the report; see `chip-use.ts`. */
export interface ChipUse {
  readonly floorplan: Omit<Floorplan, "placement" | "note">;
  /** Null where the level does not look at layers one by one. */
  readonly layers: readonly Omit<LayerEnergy, "placement" | "note">[] | null;
  /** Share of each routed expert's weights that is computed digitally. [layers][experts] */
  readonly digital_frac: readonly (readonly number[])[];
}

export interface CostEvaluation {
  readonly feasible: boolean;
  readonly infeasible_reason: string | null;
  readonly digital_parameters_frac: number;
  readonly digital_experts_frac: number;
  readonly tiles_used: number;
  readonly tiles_available: number;
  /** Crossbars (tier by tier) that hold weights. */
  readonly crossbars_used: number;
  readonly crossbars_available: number;
  readonly cell_utilisation_frac: number;
  /** Busy time of the used analog tiles over the makespan of prefill plus decode. */
  readonly analog_busy_frac: number | null;
  /** Share of assignments of tokens to experts that a capacity limit has dropped; only with one. */
  readonly dropped_assignments_frac?: number;
  readonly area_mm2: number;
  readonly area_occupied_mm2: number;
  readonly prefill: PhaseCost | null;
  readonly decode: PhaseCost | null;
  readonly breakdown: readonly BreakdownRow[];
  readonly components: readonly ComponentRow[];
  /** Only when asked for, at level `simulate`. */
  readonly explanation?: CostExplanation;
  /** Only when asked for, of what can run. */
  readonly use?: ChipUse;
  /** What was assumed or changed on the way, for people. */
  readonly notes: readonly string[];
}

/** One evaluation of a text under one noise seed. */
export interface TextScore {
  readonly seed: number;
  readonly predictions: number;
  readonly nll_sum_nats: number;
  readonly correct: number;
  /** Sum over predictions of KL(all-digital || this); null when there is no reference. */
  readonly kl_sum_nats: number | null;
}

/** Means over noise seeds, and standard errors over seeds. */
export interface AccuracyEvaluation {
  readonly seeds: number;
  readonly predictions: number;
  readonly nll_nats: number;
  readonly nll_sem_nats: number | null;
  readonly perplexity: number;
  readonly perplexity_sem: number | null;
  readonly next_token_accuracy_frac: number;
  readonly next_token_accuracy_sem: number | null;
  readonly kl_nats: number | null;
}

/** The one value that every report format is rendered from. Field names are public (docs/contract.md). */
import { type Static, Type } from "typebox";
import {
  AccuracyPointSchema,
  ChipSchema,
  ExpertMapSchema,
  FloorplanSchema,
  LayerEnergySchema,
  MappedMatrixSchema,
} from "./chip-use.ts";
import { WAIT_REASONS } from "./evaluation.ts";
import { EVIDENCE, orNull, record } from "./schema.ts";

const number = (description: string) => Type.Number({ description });
const maybe = (description: string) => orNull(number(description));
const text = (description: string) => Type.String({ description });

/** One placement. `null` where not evaluated; `notes` say why. */
const RowSchema = record({
  placement: text("Name as given"),
  digital_parameters_frac: number(
    "Share of weight-matrix parameters computed digitally; embedding, router and norms left out on both sides",
  ),
  digital_experts_frac: number("Share of routed-expert parameters computed digitally"),
  prefill_latency_ns: maybe("Whole prompt to first token"),
  decode_latency_ns: maybe("Mean time of a decode step of the batch"),
  throughput_tokens_per_s: maybe("Generated tokens per second over the batch"),
  energy_pJ_per_token: maybe("Decode phase, all energy, static included"),
  power_mW: maybe("Mean power of the decode phase"),
  tokens_per_J: maybe("Decode phase"),
  prefill_energy_pJ: maybe("Prefill phase, all energy, static included"),
  area_mm2: maybe("Whole chip"),
  area_occupied_mm2: maybe("Chip without the tiles that hold no weights"),
  tiles_used: maybe("Tiles that hold weights"),
  tiles_available: maybe("Tiles of the chip"),
  crossbars_used: maybe("Crossbars, tier by tier, that hold weights"),
  crossbars_available: maybe("Crossbars of the chip"),
  cell_utilisation_frac: maybe("Cells that hold weights, of the crossbars in use"),
  analog_busy_frac: maybe("Busy time of the used tiles, of the whole run"),
  dropped_assignments_frac: Type.Optional(
    maybe("Assignments of tokens to experts that found their expert full; only with a limit"),
  ),
  nll_nats: maybe("Mean negative log-likelihood of a token, mean over noise seeds"),
  nll_sem_nats: maybe("Standard error over seeds; null for one deterministic run"),
  perplexity: maybe("Mean over seeds"),
  perplexity_sem: maybe("Standard error over seeds; null for one deterministic run"),
  next_token_accuracy_frac: maybe("Share of tokens predicted right"),
  next_token_accuracy_sem: maybe("Standard error over seeds; null for one deterministic run"),
  accuracy_frac: maybe("Minimal-pair or choice task"),
  accuracy_sem: maybe("Standard error over seeds; null for one deterministic run"),
  accuracy_source: Type.Enum(["measured", "predicted", "none"]),
  predicted_nll_rise_nats: maybe("The surrogate's figure"),
  kl_nats: maybe("Mean KL divergence of the output distribution from the all-digital model"),
  feasible: Type.Boolean(),
  infeasible_reason: orNull(Type.String()),
  notes: Type.Array(Type.String(), { description: "Why fields are null, and what was changed" }),
});
export type ReportRow = Omit<Static<typeof RowSchema>, "note">;

/** Long table; sums over a placement give the row's totals. */
const BreakdownSchema = record({
  placement: Type.String(),
  phase: Type.Enum(["prefill", "decode", "chip"], {
    description: "chip: area and busy time of the whole run",
  }),
  component: Type.String(),
  action: Type.String(),
  count: number("Events; instances where the phase is chip"),
  energy_pJ: maybe("Energy of the phase"),
  busy_ns: maybe("Busy time summed over instances, prefill plus decode"),
  area_mm2: maybe("Area of all instances"),
});
export type ReportBreakdownRow = Omit<Static<typeof BreakdownSchema>, "note">;

const SourceSchema = record({
  component: text("Component of the breakdown that the constants belong to"),
  pointer: text("Place in the arch file"),
  source: Type.String(),
  evidence: Type.Enum(EVIDENCE),
});
export type ReportSource = Omit<Static<typeof SourceSchema>, "note">;

const EvidenceShareSchema = record({
  placement: Type.String(),
  evidence: Type.Enum(EVIDENCE),
  energy_frac: number("Share of the run's energy whose price rests on constants of this class"),
});
export type EvidenceShare = Omit<Static<typeof EvidenceShareSchema>, "note">;

const input = record({
  name: Type.String(),
  sha256: text("Of the resolved value, as canonical JSON; of the bytes for checkpoints and texts"),
  value: Type.Optional(Type.Unknown()),
});

const PairSchema = record({
  placement: Type.String(),
  versus: Type.String(),
  nll_difference_nats: number("Mean over seeds of the paired difference"),
  nll_difference_sem_nats: maybe("Standard error over seeds"),
  p_value: maybe("Paired t-test, two-sided"),
  significant: Type.Boolean({ description: "p < 0.05" }),
  seeds_needed: Type.Optional(
    maybe(
      "Seeds that find this difference in 80 of 100 studies at p < 0.05; null: a million or more",
    ),
  ),
});
export type PairedDifference = Omit<Static<typeof PairSchema>, "note">;

/** One analog matrix of one placement, on inputs of the text: `ohmoe accuracy --explain`. */
const DiagnosticSchema = record({
  placement: Type.String(),
  matrix: text("Which matrix"),
  layer: Type.Integer({ description: "-1 for the LM head" }),
  module: Type.String(),
  tile: text("Kind of tile that holds it"),
  clipped_inputs_frac: number("Share of inputs beyond the range of the DAC"),
  clipped_outputs_frac: maybe("Share of analog sums beyond the ADC's bound; null for bit slices"),
  adc_step_frac: maybe("One ADC step over the rms of the outputs; null for bit slices"),
  snr_dB: number("Power of the exact outputs over that of the error"),
  error_rms: number("Relative L2 error of the outputs, all effects together"),
  drift_factor: number("Mean |weight| now over that after programming, before compensation"),
  effects: Type.Array(
    record({
      effect: Type.String(),
      error_rms: number("Relative L2 error with this effect alone"),
    }),
  ),
});
export type ReportDiagnostic = Omit<Static<typeof DiagnosticSchema>, "note" | "effects"> & {
  effects: { effect: string; error_rms: number }[];
};

/** Ready but not served: time summed over ops, which wait side by side. */
const WaitingSchema = record({
  placement: Type.String(),
  phase: Type.Enum(["prefill", "decode"]),
  reason: Type.Enum(WAIT_REASONS),
  component: text("What the ops waited for"),
  waited_ns: number("Summed over ops"),
  ops: Type.Integer(),
});
type ReportWaitingRow = Omit<Static<typeof WaitingSchema>, "note">;

/** A part of the critical path; those of a placement and phase sum to the phase's duration. */
const CriticalSchema = record({
  placement: Type.String(),
  phase: Type.Enum(["prefill", "decode"]),
  layer: Type.Integer({ description: "-1 for embedding and LM head" }),
  work: text("What was done"),
  component: text("On what"),
  reason: text("Why the op after it waited for it"),
  time_ns: number("Time on the critical path"),
  ops: Type.Integer(),
});
export type ReportAccuracyPoint = Omit<Static<typeof AccuracyPointSchema>, "note">;
export type ReportCriticalRow = Omit<Static<typeof CriticalSchema>, "note">;

export const ReportSchema = record({
  schema: Type.Literal("report/1"),
  version: text("Version of the program"),
  command: text("What to type to make it again"),
  level: Type.Enum(["table", "bounds", "simulate"]),
  kernel: orNull(
    Type.String({ description: "Numerics engine; null when no accuracy was evaluated" }),
  ),
  seed: Type.Integer(),
  seeds: Type.Integer({ description: "Noise seeds" }),
  options: record({
    batch: Type.Integer(),
    prefill_tokens: Type.Integer(),
    decode_tokens: Type.Integer(),
    routing: Type.String(),
    overflow: Type.String(),
    assignment: Type.Optional(text("How tiles are assigned, unless in order")),
    replica_tiles: Type.Optional(Type.Integer({ description: "Budget of copies, in tiles" })),
    capacity_factor: Type.Optional(number("Limit of an expert's tokens over its even share")),
    noise_scale: Type.Number(),
    age_s: Type.Number(),
    context_tokens: orNull(Type.Integer()),
    evaluated_tokens: orNull(Type.Integer()),
    unit: Type.Optional(text("What a token stands for where it is none: image, character")),
    without: Type.Optional(
      Type.Array(Type.String(), { description: "Effects that were switched off" }),
    ),
  }),
  inputs: record({
    arch: input,
    workload: input,
    placements: Type.Array(input),
    checkpoint: orNull(input),
    text: orNull(input),
    calibration: orNull(input),
  }),
  rows: Type.Array(RowSchema),
  breakdown: Type.Array(BreakdownSchema),
  paired: Type.Array(PairSchema),
  sources: Type.Array(SourceSchema),
  evidence: Type.Array(EvidenceShareSchema),
  diagnostics: Type.Optional(Type.Array(DiagnosticSchema)),
  waiting: Type.Optional(Type.Array(WaitingSchema)),
  critical: Type.Optional(Type.Array(CriticalSchema)),
  chip: Type.Optional(ChipSchema),
  matrices: Type.Optional(
    Type.Array(MappedMatrixSchema, { description: "Matrices that are analog in some placement" }),
  ),
  floorplans: Type.Optional(Type.Array(FloorplanSchema)),
  layers: Type.Optional(Type.Array(LayerEnergySchema)),
  experts: Type.Optional(ExpertMapSchema),
  accuracy_points: Type.Optional(
    Type.Array(AccuracyPointSchema, { description: "Over noise scale and time since programming" }),
  ),
  notes: Type.Array(Type.String()),
});
export type Report = Omit<
  Static<typeof ReportSchema>,
  | "note"
  | "rows"
  | "breakdown"
  | "paired"
  | "sources"
  | "evidence"
  | "diagnostics"
  | "waiting"
  | "critical"
  | "accuracy_points"
> & {
  accuracy_points?: ReportAccuracyPoint[];
  diagnostics?: ReportDiagnostic[];
  waiting?: ReportWaitingRow[];
  critical?: ReportCriticalRow[];
  rows: ReportRow[];
  breakdown: ReportBreakdownRow[];
  paired: PairedDifference[];
  sources: ReportSource[];
  evidence: EvidenceShare[];
};

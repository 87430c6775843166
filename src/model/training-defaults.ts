/** What a training file may leave out, each with where the value is from. */
import type {
  HardwareRecipe,
  InputRangeSpec,
  OptimiserSpec,
  ScheduleSpec,
} from "./training-recipe.ts";

type Settled<T> = Required<Omit<T, "note">>;

/**
 * @source Input ranges: AIHWKIT 1.1.0, StandardHWATrainingPreset (published-by-code: init 3 standard
 * deviations over 100 batches, decay 0.001 above 95 % unclipped; output clipping is not managed, and
 * if it were, it would be below 95 % unclipped). Remapping and output scales: the same preset.
 * Drop-connect 1 %: replications of Rasch et al., Nature Communications 14:5282 (2023); the paper's own table of recipes was not at hand, so its evidence is "peer".
 */
export const TRAINING_DEFAULTS = {
  schedule: { kind: "cosine", warmup_steps: 0, final_frac: 0 },
  gradient_norm_bound: 0,
  checkpoint_steps: 100,
  ramp_steps: 0,
  drop_connect_frac: 0.01,
  input_range: {
    kappa: 3,
    initial_steps: 100,
    learned: true,
    decay_factor: 0.001,
    unclipped_frac: 0.95,
    gradient: "clipped-inputs",
    learning_rate_factor: 1,
    output_clipping: "ignored",
    unclipped_outputs_frac: 0.95,
  } satisfies Settled<InputRangeSpec>,
  weight_clip: { kind: "none" },
  remap: "column",
  learned_scales: true,
  distillation: { weight_frac: 0, temperature_factor: 1 },
  seeds: 10,
  ages_s: [1, 3600, 86_400, 31_536_000],
} as const;

/** @source Kingma and Ba, arXiv 1412.6980, section 2; Loshchilov and Hutter, arXiv 1711.05101. */
const ADAMW = { beta1_frac: 0.9, beta2_frac: 0.999, epsilon: 1e-8, weight_decay_factor: 0 };
/** @source Momentum 0.9: Sutskever et al., ICML 2013. */
const SGD = { momentum_frac: 0.9, weight_decay_factor: 0 };

export const settledOptimiser = (spec: OptimiserSpec) =>
  spec.kind === "sgd" ? { ...SGD, ...spec } : { ...ADAMW, ...spec };

export const settledSchedule = (spec: ScheduleSpec = TRAINING_DEFAULTS.schedule) => ({
  warmup_steps: 0,
  ...(spec.kind === "cosine" && { final_frac: 0 }),
  ...spec,
});

export const settledInputRange = (spec: InputRangeSpec = {}) => ({
  ...TRAINING_DEFAULTS.input_range,
  ...spec,
});

/** The recipe with every choice made; only `forward` still defers to the tile. */
export const settledRecipe = (recipe: HardwareRecipe) => ({
  gradient_norm_bound: TRAINING_DEFAULTS.gradient_norm_bound,
  checkpoint_steps: TRAINING_DEFAULTS.checkpoint_steps,
  ramp_steps: TRAINING_DEFAULTS.ramp_steps,
  drop_connect_frac: TRAINING_DEFAULTS.drop_connect_frac,
  forward: {},
  weight_clip: TRAINING_DEFAULTS.weight_clip,
  remap: TRAINING_DEFAULTS.remap,
  learned_scales: TRAINING_DEFAULTS.learned_scales,
  distillation: TRAINING_DEFAULTS.distillation,
  ...recipe,
  optimiser: settledOptimiser(recipe.optimiser),
  schedule: settledSchedule(recipe.schedule),
  input_range: settledInputRange(recipe.input_range),
});
export type SettledRecipe = ReturnType<typeof settledRecipe>;

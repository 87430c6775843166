/** How a network is trained, before and with the crossbars in the loop: part of `training/1`. */
import { type Static, Type } from "typebox";
import {
  bits,
  count,
  countOrZero,
  fraction,
  nonNegative,
  oneOfKinds,
  orNull,
  positive,
  record,
} from "./schema.ts";

const weight_decay_factor = Type.Optional(
  nonNegative("Share of a weight that is lost per step, times the learning rate; default 0", 1),
);

const Optimiser = oneOfKinds(
  record({
    kind: Type.Literal("sgd"),
    momentum_frac: Type.Optional(fraction("Share of the last step that is kept; default 0.9")),
    weight_decay_factor,
  }),
  record({
    kind: Type.Literal("adamw"),
    beta1_frac: Type.Optional(fraction("Memory of the mean gradient; default 0.9")),
    beta2_frac: Type.Optional(fraction("Memory of the squared gradient; default 0.999")),
    epsilon: Type.Optional(positive("Keeps the quotient finite; default 1e-8", 1)),
    weight_decay_factor,
  }),
);

const Schedule = oneOfKinds(
  record({
    kind: Type.Literal("constant"),
    warmup_steps: Type.Optional(countOrZero("Steps of a linear rise from 0; default 0")),
  }),
  record({
    kind: Type.Literal("cosine"),
    warmup_steps: Type.Optional(countOrZero("Steps of a linear rise from 0; default 0")),
    final_frac: Type.Optional(fraction("Share of the rate that is left at the end; default 0")),
  }),
);

/** What both kinds of training say. */
const descent = {
  steps: count("Gradient steps", 1e7),
  batch_items: count("Images, or windows of text, of a step", 65536),
  learning_rate: positive("Largest step size", 1e3),
  optimiser: Optimiser,
  schedule: Type.Optional(Schedule),
  gradient_norm_bound: Type.Optional(
    nonNegative("Longer gradients are shortened to this norm; 0 (default): never", 1e6),
  ),
  checkpoint_steps: Type.Optional(
    count("Steps between saved states, from which --resume goes on; default 100", 1e7),
  ),
};

export const DigitalRecipeSchema = record(descent);

const WeightNoise = oneOfKinds(
  record({ kind: Type.Literal("none") }),
  record({
    kind: Type.Literal("programming"),
    scale: nonNegative(
      "Times the programming noise of the tile's devices, as those have it at each conductance",
      100,
    ),
    age_s: Type.Optional(
      nonNegative(
        "Devices are read so long after programming: drift, its compensation and accumulated read noise are trained with too; default 0",
        1e12,
      ),
    ),
  }),
  record({
    kind: Type.Literal("gaussian"),
    std: nonNegative("Standard deviation over the largest weight of the column", 10),
  }),
);

const Forward = record({
  input_bits: Type.Optional(orNull(bits("Resolution of the DAC; null: no rounding"))),
  output_bits: Type.Optional(orNull(bits("Resolution of the ADC; null: no rounding"))),
  output_bound: Type.Optional(positive("ADC full scale, as in numerics.output_bound", 1e6)),
  input_noise_std: Type.Optional(nonNegative("As numerics.periphery.input_noise_std", 1e3)),
  output_noise_std: Type.Optional(nonNegative("As numerics.output_noise.std", 1e3)),
  read_noise_std: Type.Optional(nonNegative("As numerics.read_noise.std", 1e3)),
  ir_drop_scale: Type.Optional(nonNegative("As numerics.ir_drop.scale", 100)),
});

const InputRange = record({
  kappa: Type.Optional(
    positive(
      "First value: so many standard deviations of the inputs; default 3, of checkpoints the tile's own rule",
      1e3,
    ),
  ),
  initial_steps: Type.Optional(
    countOrZero(
      "Steps that the first value is averaged over, then it is learned; default 100. Of checkpoints it is set before the first step",
    ),
  ),
  learned: Type.Optional(
    Type.Boolean({ description: "Goes on with the gradient rule and the decay; default true" }),
  ),
  decay_factor: Type.Optional(
    nonNegative(
      "Share that a range shrinks by while enough inputs are within it; default 0.001",
      1,
    ),
  ),
  unclipped_frac: Type.Optional(
    fraction("How many inputs have to be within the range for it to shrink; default 0.95"),
  ),
  gradient: Type.Optional(
    Type.Enum(["clipped-inputs", "straight-through"], {
      description:
        "Clipped inputs widen the range and decay narrows it; or the derivative of the loss through all inputs, outputs and their noise. Default clipped-inputs",
    }),
  ),
  learning_rate_factor: Type.Optional(
    positive("Ranges learn so many times as fast as weights; default 1", 1e4),
  ),
  output_clipping: Type.Optional(
    Type.Enum(["ignored", "widens-range"], {
      description:
        "Whether a range also grows while the ADC clips too many outputs: wider ranges make smaller sums, at the cost of DAC steps and noise. Default ignored",
    }),
  ),
  unclipped_outputs_frac: Type.Optional(
    fraction(
      "How many outputs have to be within the ADC's full scale for clipping not to widen the range; default 0.95",
    ),
  ),
});

const WeightClip = oneOfKinds(
  record({ kind: Type.Literal("none") }),
  record({
    kind: Type.Literal("fixed"),
    bound: positive("In units of the column's output scale", 1e3),
  }),
  record({
    kind: Type.Literal("gaussian"),
    sigma_factor: positive("At so many standard deviations of the weights of a matrix", 100),
  }),
);

export const HardwareRecipeSchema = record({
  ...descent,
  weight_noise: WeightNoise,
  ramp_steps: Type.Optional(
    countOrZero("Steps over which the weight noise grows from 0 to its scale; default 0"),
  ),
  drop_connect_frac: Type.Optional(
    fraction("Share of the weights that are 0 in a step; default 0.01"),
  ),
  forward: Type.Optional(Forward),
  input_range: Type.Optional(InputRange),
  weight_clip: Type.Optional(WeightClip),
  remap: Type.Optional(
    Type.Enum(["none", "column"], {
      description:
        "After each step, columns are stretched to full scale and their output scales shrunk; default column",
    }),
  ),
  learned_scales: Type.Optional(
    Type.Boolean({ description: "The output scale of each column is trained; default true" }),
  ),
  distillation: Type.Optional(
    record({
      weight_frac: fraction("Share of the loss that compares with the digital network"),
      temperature_factor: positive("Divides the logits of both networks in that part", 100),
    }),
  ),
});

export type DigitalRecipe = Static<typeof DigitalRecipeSchema>;
export type HardwareRecipe = Static<typeof HardwareRecipeSchema>;
export type OptimiserSpec = Static<typeof Optimiser>;
export type ScheduleSpec = Static<typeof Schedule>;
export type WeightNoiseSpec = Static<typeof WeightNoise>;
export type WeightClipSpec = Static<typeof WeightClip>;
export type ForwardOverrides = Static<typeof Forward>;
export type InputRangeSpec = Static<typeof InputRange>;

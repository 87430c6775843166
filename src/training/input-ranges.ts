/** Input ranges in training: first from data, then by their own gradient. */
import type { SettledRecipe } from "../model/training-defaults.ts";
import type { RangeTally } from "./range-tally.ts";

type RangeRecipe = SettledRecipe["input_range"];

/**
 * Which way the logarithm of a range goes: what clipped inputs ask for, or the derivative through
 * converters and noise, decay while enough inputs are within, and what clipped outputs ask for.
 *
 * The optimiser moves the logarithm, so that one learning rate fits ranges of any size.
 *
 * @source AIHWKIT 1.1.0, InputRangeParameter with gradient_relative: r sum + decay r for the range
 *   itself, which under plain gradient descent is the same step to first order.
 */
export function rangeGradient(tally: RangeTally, recipe: RangeRecipe): number {
  const { gradient, decay_factor, unclipped_frac } = recipe;
  const asked = gradient === "straight-through" ? tally.slope : tally.gradient;
  const decay = tally.within > unclipped_frac * tally.inputs ? decay_factor : 0;
  return asked + decay - widening(tally, recipe);
}

/** Outputs from here on are at the end of the ADC's scale. */
export const clipsFrom = (bound: number, levels: number): number =>
  levels > 0 ? bound * (1 - 0.5 / levels) : bound;

/** Outputs of a row range in a step, and those of them at the end of the ADC's scale. */
export type OutputTally = Pick<RangeTally, "outputs" | "clippedOutputs">;

/**
 * What clipped outputs take off the gradient of a range's logarithm: their share, once it is above
 * the one that is allowed. A range e times as wide makes the sums before the ADC e times as small.
 *
 * @source AIHWKIT 1.1.0, InputRangeParameter: manage_output_clipping, output_min_percentage.
 */
export function widening(
  { outputs, clippedOutputs }: OutputTally,
  { output_clipping, unclipped_outputs_frac }: OutputRule,
): number {
  if (output_clipping === "ignored" || outputs === 0) return 0;
  const clipped = clippedOutputs / outputs;
  return 1 - clipped < unclipped_outputs_frac ? clipped : 0;
}

export type OutputRule = Pick<RangeRecipe, "output_clipping" | "unclipped_outputs_frac">;

/** Adds inputs to a tally. */
export function observeInputs(x: Float32Array, tally: RangeTally): void {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    sum += value;
    squares += value * value;
  }
  tally.sum += sum;
  tally.squares += squares;
}

/** Of the inputs observed. */
export function inputStd({ sum, squares, inputs }: RangeTally): number {
  if (inputs < 2) return 0;
  return Math.sqrt(Math.max(0, squares - sum ** 2 / inputs) / (inputs - 1));
}

/**
 * The range after one more batch, while it is set from data: the mean over batches of kappa
 * standard deviations.
 *
 * @param batches before this one
 */
export const rangeFromData = (
  range: number,
  batches: number,
  kappa: number,
  std: number,
): number => (std > 0 ? (range * batches + kappa * std) / (batches + 1) : range);

/** A learned full scale of the inputs: first from data, then by its own gradient. */
import { standardDeviation } from "../calibrate.ts";

/** @source AIHWKIT 1.1.0, InputRangeParameter; names and defaults are its own. */
export interface InputRangeParameters {
  readonly init_value: number;
  /** Batches that set the range before it is learned. */
  readonly init_from_data: number;
  readonly init_std_alpha: number;
  readonly decay: number;
  /** The range decays only while more than this share of the inputs is within it. */
  readonly input_min_percentage: number;
  readonly gradient_relative: boolean;
  readonly gradient_scale: number;
  readonly manage_output_clipping: boolean;
  readonly output_min_percentage: number;
}

export const INPUT_RANGE_DEFAULTS: InputRangeParameters = {
  init_value: 3,
  init_from_data: 100,
  init_std_alpha: 3,
  decay: 0.001,
  input_min_percentage: 0.95,
  gradient_relative: true,
  gradient_scale: 1,
  manage_output_clipping: false,
  output_min_percentage: 0.95,
};

export interface InputRange {
  readonly range: number;
  /** Batches seen. */
  readonly batches: number;
}

/** The range after one more batch of training inputs, while it is set from data. */
export function rangeFromBatch(
  state: InputRange,
  x: Float32Array,
  { init_from_data, init_std_alpha }: InputRangeParameters,
): InputRange {
  if (state.batches >= init_from_data) return state;
  const std = standardDeviation(x);
  if (!(std > 0)) return state;
  const { range, batches } = state;
  const mean = (range * batches + init_std_alpha * std) / (batches + 1);
  return { range: Math.abs(mean), batches: batches + 1 };
}

/**
 * Derivative of the loss by the range, where only clipped inputs speak; descent can only widen the
 * range, decay narrows it.
 *
 * @param x inputs of a batch
 * @param gradient loss by x, as the ideal backward pass has it, clipped inputs included
 * @param unclippedOutputs share of outputs that the ADC did not clip
 * @source AIHWKIT, input range of the CPU engine.
 */
export function rangeGradient(
  range: number,
  x: Float32Array,
  gradient: Float32Array,
  p: InputRangeParameters,
  unclippedOutputs = 1,
): number {
  let sum = 0;
  let within = 0;
  for (let i = 0; i < x.length; i++) {
    if (x[i]! >= range) sum += Math.min(gradient[i]!, 0);
    if (x[i]! <= -range) sum -= Math.max(gradient[i]!, 0);
    if (Math.abs(x[i]!) < range) within++;
  }
  if (p.gradient_relative) sum *= range * p.gradient_scale;
  if (p.manage_output_clipping && unclippedOutputs < p.output_min_percentage)
    sum -= (1 - unclippedOutputs) * range;
  if (p.decay > 0 && within > p.input_min_percentage * x.length) sum += p.decay * range;
  return sum;
}

/**
 * What a straight-through derivative adds, in which dividing by the range and multiplying by it
 * again do not cancel: the rounding of the converters stays. sum dL/dy (y / r - W u).
 *
 * @param gradient loss by outputs
 * @param outputs of the layer, before bias
 * @param unrounded W u of the clipped inputs over the range, without converters
 * @source AIHWKIT, torch tile (autograd).
 */
export function roundingGradient(
  range: number,
  gradient: ArrayLike<number>,
  outputs: ArrayLike<number>,
  unrounded: ArrayLike<number>,
): number {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++)
    sum += gradient[i]! * (outputs[i]! / range - unrounded[i]!);
  return sum;
}

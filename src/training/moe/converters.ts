/** Input converters on the way back: where they clip, nothing passes, and the range learns. */
import { codeOf } from "../../numerics/quantise.ts";
import type { RowRange } from "../../numerics/ranges.ts";
import type { OutputTally } from "../input-ranges.ts";

/** Inputs of one product, or their gradients: the part of a row range. */
export interface RangePart extends RowRange {
  readonly rows: number;
  readonly inputs: number;
}

export interface ClipTally {
  /** Derivative of the loss by the logarithm of the range, as clipped inputs see it. */
  readonly slope: number;
  /** Sum of x dL/dx over the inputs within the range. */
  readonly along: number;
  /** Share of inputs within the range. */
  readonly within_frac: number;
}

/**
 * Takes the gradient of clipped inputs away, in place.
 *
 * Only clipped inputs speak of the range in `slope`, and descent on it can only widen the range: what
 * narrows it is decay.
 *
 * @param x [rows][inputs]
 * @param dx loss by x, as the exact backward pass has it
 * @source AIHWKIT 1.1.0, input range of the CPU engine (`gradient_relative`); zero gradient beyond
 *   the range: AIHWKIT-Lightning 2.0.1.
 */
export function stopClipped(
  x: Float32Array,
  dx: Float32Array,
  { rows, inputs, rowBegin, rowEnd }: RangePart,
  range: number,
): ClipTally {
  let sum = 0;
  let along = 0;
  let clipped = 0;
  for (let row = 0; row < rows; row++)
    for (let i = row * inputs + rowBegin; i < row * inputs + rowEnd; i++) {
      const value = x[i]!;
      const g = dx[i]!;
      if (value > -range && value < range) {
        along += value * g;
        continue;
      }
      sum += value > 0 ? Math.min(g, 0) : Math.min(-g, 0);
      clipped++;
      dx[i] = 0;
    }
  const count = rows * (rowEnd - rowBegin);
  return { slope: range * sum, along, within_frac: count === 0 ? 1 : 1 - clipped / count };
}

/**
 * Derivative of the loss by the logarithm of the range r, straight through every rounding.
 *
 * y = r ADC(W DAC(x / r) + noise): r dy/dr = y - W x of the inputs that are not clipped. The
 * converters' errors and the noise are in y: they grow with the range, so descent narrows it until
 * what clipping costs is as much.
 *
 * @param dy loss by y, [rows][outputs]
 * @param y as the crossbars had it
 * @param along from `stopClipped`
 * @source AIHWKIT 1.1.0, torch tile (autograd).
 */
export function straightThroughSlope(dy: Float32Array, y: Float32Array, along: number): number {
  let sum = 0;
  for (let i = 0; i < dy.length; i++) sum += dy[i]! * y[i]!;
  return sum - along;
}

/**
 * Outputs at the end of the ADC's scale.
 *
 * @param y [rows][outputs]
 * @param from [outputs]
 */
export function tallyOutputs(y: Float32Array, rows: number, from: Float32Array): OutputTally {
  const count = rows * from.length;
  let clippedOutputs = 0;
  for (let i = 0, o = 0; i < count; i++, o = o + 1 === from.length ? 0 : o + 1)
    if (Math.abs(y[i]!) >= from[o]!) clippedOutputs++;
  return { outputs: count, clippedOutputs };
}

/**
 * What the DAC makes of inputs, without its noise: the other factor of the weights' gradient.
 *
 * @param range null: that of each row's part itself
 * @param levels codes on each side of zero; 0: only clips
 * @param out overwritten, [rows][inputs]
 */
export function driven(
  x: Float32Array,
  { rows, inputs, rowBegin, rowEnd }: RangePart,
  range: number | null,
  levels: number,
  out: Float32Array,
): void {
  for (let row = 0; row < rows; row++) {
    const begin = row * inputs + rowBegin;
    const end = row * inputs + rowEnd;
    const full = range ?? largest(x, begin, end);
    const perUnit = full > 0 ? (levels > 0 ? levels : 1) / full : 0;
    const step = levels > 0 ? full / levels : full;
    for (let i = begin; i < end; i++) {
      const value = x[i]! * perUnit;
      const code = levels > 0 ? codeOf(value, levels) : Math.min(Math.max(value, -1), 1);
      out[i] = code * step;
    }
  }
}

function largest(x: Float32Array, begin: number, end: number): number {
  let max = 0;
  for (let i = begin; i < end; i++) max = Math.max(max, Math.abs(x[i]!));
  return max;
}

/**
 * A product on the crossbars of one training step: forward as inference computes it, backward
 * straight through every rounding and without noise of its own.
 *
 * @source Straight-through estimator: Bengio et al., arXiv 1308.3432; forward and the gradient of
 *   ranges as in AIHWKIT-Lightning (Buechel et al.) and Rasch et al., Nature Communications 14:5282.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Periphery } from "../numerics/engine.ts";
import { lostShare } from "../numerics/periphery/ir-drop.ts";
import { clip, codeOf } from "../numerics/quantise.ts";
import { clipsFrom } from "./input-ranges.ts";
import type { RangeTally } from "./range-tally.ts";
import type { RowSlice } from "./row-slice.ts";
import { emptyMatrix, viewOf } from "./tensors.ts";
import { type Operation, withGradient } from "./with-gradient.ts";

const f32 = Math.fround;

/** One row range of a product in one call. */
export interface SliceRead {
  readonly slice: RowSlice;
  readonly periphery: Periphery;
  /** Full scale of the inputs; 0: each vector's own largest (not trained with). */
  readonly range: number;
  /** Standard deviation of noise after the DAC, in units of the range; 0: none. */
  readonly inputNoise: number;
  /** Standard normals by purpose of this call, the same for the same call of the same step. */
  readonly normals: (count: number, purpose: "input" | "output") => Float32Array;
  /** Learns the range from what was clipped. */
  readonly tally: RangeTally;
}

/**
 * @param x [rows][inputs of the slice]
 * @param weight [outputs][inputs of the slice], the clean weights: they get the gradient
 * @returns [rows][outputs]
 */
export function readSlice(x: tf.Tensor2D, weight: tf.Tensor2D, read: SliceRead): tf.Tensor2D {
  let open: Uint8Array | null = null;
  const { slice, periphery, range } = read;
  const step = periphery.inputLevels > 0 ? f32(1 / periphery.inputLevels) : 1;
  const operation: Operation = {
    forward: ([input], save) => {
      const codes = inputCodes(input as tf.Tensor2D, read);
      const sums = analogSums(codes, step, read);
      open = convertOutputs(sums, read);
      save([input!, codes, sums]);
      return sums;
    },
    backward: (dy, [input, codes, sums]) => {
      const passed = open === null ? dy : masked(dy, open);
      const dx = tf.matMul(tf.mul(passed, slice.scale), slice.weights) as tf.Tensor2D;
      clipGradient(input as tf.Tensor2D, dx, read);
      read.tally.slope += straightThrough(dy, sums!, input!, dx);
      const byWeight = tf.matMul(tf.transpose(passed), codes!);
      return [dx, tf.mul(byWeight, step * range)];
    },
  };
  return withGradient([x, weight], operation);
}

/** DAC: whole-number codes; without rounding, values within -1..1. The noise after it included. */
function inputCodes(
  x: tf.Tensor2D,
  { periphery, range, inputNoise, normals }: SliceRead,
): tf.Tensor {
  const { inputLevels } = periphery;
  const clipped: tf.Tensor = tf.clipByValue(tf.mul(x, f32(1 / f32(range))), -1, 1);
  const codes = inputLevels > 0 ? tf.round(tf.mul(clipped, inputLevels)) : clipped;
  if (inputNoise === 0) return codes;
  const std = inputNoise * Math.max(1, inputLevels);
  const noise = tf.tensor2d(normals(x.size, "input"), x.shape);
  return tf.add(codes, tf.mul(noise, std));
}

/** Analog sums with IR drop and noise, in normalised units. */
function analogSums(codes: tf.Tensor, step: number, read: SliceRead): tf.Tensor2D {
  const { slice, periphery } = read;
  const sums: tf.Tensor2D = tf.matMul(codes as tf.Tensor2D, slice.transposed);
  const { irDrop, outputNoise, readNoise } = periphery;
  const currents = irDrop > 0 ? tf.matMul(tf.abs(codes) as tf.Tensor2D, slice.absolute!) : null;
  const placed = irDrop > 0 ? tf.matMul(codes as tf.Tensor2D, slice.placed!) : null;
  const energies =
    readNoise > 0 ? tf.matMul(tf.square(codes) as tf.Tensor2D, slice.absolute!) : null;
  const out = viewOf(sums);
  for (let i = 0; i < out.length; i++) out[i] = out[i]! * step;
  if (currents && placed) dropIr(out, viewOf(currents), viewOf(placed), step, read);
  if (outputNoise > 0 || readNoise > 0)
    addNoise(out, energies && viewOf(energies), step, periphery, read);
  return sums;
}

/** As `dropIr` of the reference engine. */
function dropIr(
  sums: Float32Array,
  currents: Float32Array,
  placed: Float32Array,
  step: number,
  { slice: { rowBegin, rowEnd }, periphery }: SliceRead,
): void {
  const rows = rowEnd - rowBegin;
  const perCurrent = (rows / periphery.irDropConductanceRatio) * step;
  const perPlaced = periphery.irDrop * step;
  for (let i = 0; i < sums.length; i++)
    sums[i] = sums[i]! - lostShare(currents[i]! * perCurrent) * placed[i]! * perPlaced;
}

/** Output noise, and read noise readNoise * sqrt(sum |w| v^2), as one Gaussian. */
function addNoise(
  sums: Float32Array,
  energies: Float32Array | null,
  step: number,
  { outputNoise, readNoise }: Periphery,
  { normals }: SliceRead,
): void {
  const z = normals(sums.length, "output");
  if (energies === null) {
    for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + outputNoise * z[i]!;
    return;
  }
  const perEnergy = (readNoise * step) ** 2;
  const constant = outputNoise ** 2;
  for (let i = 0; i < sums.length; i++)
    sums[i] = sums[i]! + Math.sqrt(energies[i]! * perEnergy + constant) * z[i]!;
}

/**
 * ADC and scaling to the logical unit, in place; counts what clipped.
 *
 * @returns 1 where the ADC did not clip; null: it clipped nowhere
 */
function convertOutputs(
  sums: tf.Tensor2D,
  { slice: { scales }, periphery: { outputBound, outputLevels }, range, tally }: SliceRead,
): Uint8Array | null {
  const values = viewOf(sums);
  const outputs = scales.length;
  const worth = scales.map((scale) => f32(scale * f32(range)));
  const open = outputBound > 0 ? roundOutputs(values, f32(outputBound), outputLevels) : null;
  tally.outputs += values.length;
  if (outputBound > 0) tally.clippedOutputs += atFullScale(values, outputBound, outputLevels);
  for (let i = 0, o = 0; i < values.length; i++, o = o + 1 === outputs ? 0 : o + 1)
    values[i] = values[i]! * worth[o]!;
  return open;
}

function roundOutputs(values: Float32Array, bound: number, levels: number): Uint8Array | null {
  const perUnit = f32(levels / bound);
  const step = levels > 0 ? f32(bound / levels) : 0;
  const largest = bound + step / 2;
  let open: Uint8Array | null = null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Math.abs(value) > largest) {
      open ??= new Uint8Array(values.length).fill(1);
      open[i] = 0;
    }
    values[i] = step > 0 ? codeOf(f32(value * perUnit), levels) * step : clip(value, bound);
  }
  return open;
}

/** How many outputs are at the end of the scale. */
function atFullScale(values: Float32Array, bound: number, levels: number): number {
  const least = clipsFrom(bound, levels);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]!) >= least) count++;
  return count;
}

function masked(dy: tf.Tensor2D, open: Uint8Array): tf.Tensor2D {
  const out = emptyMatrix(dy.shape[0], dy.shape[1]);
  const from = viewOf(dy);
  const to = viewOf(out);
  for (let i = 0; i < to.length; i++) to[i] = open[i] === 1 ? from[i]! : 0;
  return out;
}

/**
 * No gradient where the DAC clipped (in place), and what clipped inputs say of the range.
 *
 * Inputs at the range or beyond it count: those that descent would push further out.
 *
 * @source AIHWKIT 1.1.0, input range, and AIHWKIT-Lightning 2.0.1.
 */
function clipGradient(x: tf.Tensor2D, dx: tf.Tensor2D, { range, tally }: SliceRead): void {
  const inputs = viewOf(x);
  const gradient = viewOf(dx);
  const bound = f32(range);
  let outside = 0;
  let sum = 0;
  for (let i = 0; i < inputs.length; i++) {
    const value = inputs[i]!;
    if (value < bound && value > -bound) continue;
    outside++;
    const g = gradient[i]!;
    sum += value > 0 ? Math.min(g, 0) : -Math.max(g, 0);
    if (value > bound || value < -bound) gradient[i] = 0;
  }
  tally.gradient += sum;
  tally.inputs += inputs.length;
  tally.within += inputs.length - outside;
}

/**
 * Derivative of the loss by the logarithm of the range r, straight through every rounding.
 *
 * y = r ADC(W DAC(x / r) + noise), so r dy/dr = y - W x of the inputs that are not clipped. The
 * converters' errors and the noise are in y: they grow with the range, so descent narrows it until
 * what clipping costs is as much.
 *
 * @param dx without what was clipped
 * @source AIHWKIT 1.1.0, torch tile (autograd).
 */
function straightThrough(dy: tf.Tensor2D, y: tf.Tensor, x: tf.Tensor, dx: tf.Tensor2D): number {
  return dot(viewOf(dy), viewOf(y)) - dot(viewOf(x), viewOf(dx));
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

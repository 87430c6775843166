/** Gradients of `lightning.ts`: straight through every rounding, none through a clip. */

import { INPUT_RANGE_DEFAULTS, rangeGradient } from "../periphery/input-range.ts";
import { roundHalfEven } from "../quantise.ts";
import type { LightningLayer, SliceTape } from "./lightning.ts";

const f32 = Math.fround;

export interface LightningGradients {
  /** [rows][inputs] */
  readonly x: Float32Array;
  /** [outputs][inputs] */
  readonly weights: Float32Array;
  /** By the range of each slice; null where it is not static. */
  readonly ranges: Float64Array | null;
  /** By the learnable clips, [slices][outputs]; null where there are none. */
  readonly clips: readonly Float64Array[] | null;
}

/** How ranges are learned. */
export interface RangeLearning {
  readonly decay: number;
  readonly input_min_percentage: number;
}

/**
 * @param x inputs of the forward pass, [rows][inputs]
 * @param gradY loss by outputs, [rows][outputs]
 * @source AIHWKIT-Lightning 2.0.1, torch path; clips: learned step size quantisation (Esser et al.,
 *   ICLR 2020).
 */
export function lightningBackward(
  layer: LightningLayer,
  tape: readonly SliceTape[],
  x: Float32Array,
  gradY: Float32Array,
  learning: RangeLearning = { decay: 0.001, input_min_percentage: 0.95 },
): LightningGradients {
  const { outputs, inputs, config } = layer;
  const rows = gradY.length / outputs;
  const gradX = new Float32Array(rows * inputs);
  const gradW = new Float32Array(outputs * inputs);
  const isStatic = config.input_range === "static";
  const learnsClips = config.clip_type === "LearnablePerChannel";
  const ranges = new Float64Array(tape.length);
  const clips: Float64Array[] = [];
  tape.forEach((part, s) => {
    const passed = gradY.map((g, i) => g * part.open[i]!);
    const driven = backThroughWeights(part, passed, outputs, rows);
    const given = sliceOf(x, inputs, part, rows);
    if (isStatic) {
      const parameters = { ...INPUT_RANGE_DEFAULTS, ...learning };
      ranges[s] = rangeGradient(part.range, given, driven, parameters);
      for (let i = 0; i < driven.length; i++) if (Math.abs(given[i]!) > part.range) driven[i] = 0;
    }
    put(gradX, driven, inputs, part, rows);
    const byWeight = outerProduct(part, passed, outputs, rows);
    if (learnsClips) clips.push(clipGradients(layer, part, byWeight));
    put(gradW, byWeight, inputs, part, outputs);
  });
  return {
    x: gradX,
    weights: gradW,
    ranges: isStatic ? ranges : null,
    clips: learnsClips ? clips : null,
  };
}

const widthOf = ({ slice: [begin, end] }: SliceTape): number => end - begin;

function sliceOf(matrix: Float32Array, width: number, part: SliceTape, rows: number): Float32Array {
  const [begin, end] = part.slice;
  const out = new Float32Array(rows * (end - begin));
  for (let row = 0; row < rows; row++)
    out.set(matrix.subarray(row * width + begin, row * width + end), row * (end - begin));
  return out;
}

function put(
  matrix: Float32Array,
  values: Float32Array,
  width: number,
  part: SliceTape,
  rows: number,
): void {
  const own = widthOf(part);
  for (let row = 0; row < rows; row++)
    matrix.set(values.subarray(row * own, (row + 1) * own), row * width + part.slice[0]);
}

/** grad W: [rows][width]. */
function backThroughWeights(
  part: SliceTape,
  gradY: Float32Array,
  outputs: number,
  rows: number,
): Float32Array {
  const width = widthOf(part);
  const out = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++)
    for (let o = 0; o < outputs; o++) {
      const g = gradY[row * outputs + o]!;
      for (let k = 0; k < width; k++)
        out[row * width + k] = out[row * width + k]! + g * part.weights[o * width + k]!;
    }
  return out;
}

/** grad^T x: [outputs][width]. */
function outerProduct(
  part: SliceTape,
  gradY: Float32Array,
  outputs: number,
  rows: number,
): Float32Array {
  const width = widthOf(part);
  const out = new Float32Array(outputs * width);
  for (let row = 0; row < rows; row++)
    for (let o = 0; o < outputs; o++) {
      const g = gradY[row * outputs + o]!;
      for (let k = 0; k < width; k++)
        out[o * width + k] = out[o * width + k]! + g * part.x[row * width + k]!;
    }
  return out;
}

/**
 * Gradient of each row's clip, and masking of the weights beyond it (in place).
 *
 * With q = w / step: sum of g (-Q below -Q, Q above Q, else round(q) - q), times 2 sqrt(Q / size);
 * per clip, so over 2 Q. Without rounding Q = 1, step = clip, the middle term is 0 and the factor
 * 1 / sqrt(size).
 */
function clipGradients(
  { outputs }: LightningLayer,
  part: SliceTape,
  byWeight: Float32Array,
): Float64Array {
  const { step, limit, rounds } = part.codes;
  const width = widthOf(part);
  const size = outputs * width;
  const factor = rounds ? (2 * Math.sqrt(limit / size)) / (2 * limit) : 1 / Math.sqrt(size);
  const raw = part.raw;
  return Float64Array.from({ length: outputs }, (_, o) => {
    let sum = 0;
    for (let i = o * width; i < (o + 1) * width; i++) {
      const q = f32(raw[i]! / step[o]!);
      const g = byWeight[i]!;
      if (Math.abs(q) > limit) {
        sum += g * limit * Math.sign(q);
        byWeight[i] = 0;
      } else if (rounds) sum += g * (roundHalfEven(q) - q);
    }
    return factor * sum;
  });
}

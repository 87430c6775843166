/**
 * What is trained of a decoder's analog matrices: weights in units of the largest of their output,
 * the logarithms of output scales, and the logarithms of input ranges.
 *
 * A matrix is W[o][i] = e^scale[o] weight[o][i]. Logarithms make a step of the optimiser a relative
 * change, so that one learning rate serves matrices of any size, and keep scales positive.
 */
import { blocksOn } from "../../accuracy/evaluator.ts";
import type { AnalogTile } from "../../model/arch.ts";
import { matrixLabel, type WeightMatrix } from "../../model/matrix.ts";
import { rowMaxima } from "../../numerics/hwa/clip.ts";
import { type BlockRange, rowRanges } from "../../numerics/ranges.ts";

/** One matrix on crossbars, as it is trained. Arrays change in place. */
export interface TrainedMatrix {
  readonly matrix: WeightMatrix;
  /** How messages and saved states call it. */
  readonly name: string;
  readonly tile: AnalogTile;
  readonly blocks: readonly BlockRange[];
  /** [outputs][inputs] */
  readonly weights: Float32Array;
  /** [outputs] */
  readonly logScales: Float32Array;
  /** One a row range, in the order of `rowRanges(blocks)`; null: dynamic. */
  readonly logRanges: Float32Array | null;
}

/**
 * @param weights [outputs][inputs]
 * @param ranges one a row range; null, or a range of 0: dynamic
 */
export function trainedMatrix(
  matrix: WeightMatrix,
  tile: AnalogTile,
  weights: Float32Array,
  ranges: Float64Array | null,
): TrainedMatrix {
  const blocks = blocksOn(tile, matrix);
  const { inputs } = matrix;
  const maxima = rowMaxima(weights, inputs);
  // An output without weights keeps scale 1.
  const scales = maxima.map((max) => (max < 2 ** -100 ? 1 : max));
  if (ranges !== null && ranges.length !== rowRanges(blocks).length)
    throw new Error(`${matrixLabel(matrix)}: ${ranges.length} ranges`);
  const isFixed = ranges?.every((range) => range > 0) ?? false;
  return {
    matrix,
    name: matrixLabel(matrix),
    tile,
    blocks,
    weights: weights.map((w, i) => w / scales[Math.floor(i / inputs)]!),
    logScales: scales.map(Math.log),
    logRanges: isFixed ? Float32Array.from(ranges!, Math.log) : null,
  };
}

/** The matrix as it is multiplied with, [outputs][inputs]. */
export function weightsOf({ weights, logScales, matrix: { inputs } }: TrainedMatrix): Float32Array {
  const out = new Float32Array(weights.length);
  logScales.forEach((logScale, o) => {
    const scale = Math.exp(logScale);
    for (let i = o * inputs; i < (o + 1) * inputs; i++) out[i] = scale * weights[i]!;
  });
  return out;
}

/** Full scales of the DACs in float32, as files have them, one a row range; null: dynamic. */
export const rangesOf = ({ logRanges }: TrainedMatrix): Float64Array | null =>
  logRanges === null ? null : Float64Array.from(logRanges, (log) => Math.fround(Math.exp(log)));

/**
 * Turns the gradient by the matrix W, in place, into that by `weights`.
 *
 * @returns the gradient by `logScales`: sum over inputs of W dL/dW
 */
export function throughScales(
  { weights, logScales, matrix: { inputs } }: TrainedMatrix,
  gradient: Float32Array,
): Float32Array {
  return logScales.map((logScale, o) => {
    const scale = Math.exp(logScale);
    let sum = 0;
    for (let i = o * inputs; i < (o + 1) * inputs; i++) {
      const g = scale * gradient[i]!;
      gradient[i] = g;
      sum += g * weights[i]!;
    }
    return sum;
  });
}

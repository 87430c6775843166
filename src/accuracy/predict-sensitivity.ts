/** From the curvature of a matrix to a few numbers that every noise model can be applied to. */
import type { WeightMatrix } from "../model/matrix.ts";
import { type BlockRange, rowRanges } from "../numerics/ranges.ts";
import { scaleBlock, type WeightScaling } from "../numerics/scaling.ts";
import type { MatrixCurvature } from "../transformer/curvature.ts";
import { INTERVALS } from "./predict-error.ts";

/**
 * Rise of the mean NLL, in nats, for errors of variance 2 in the units of the crossbar (normalised
 * weight, share of the input range); half of it for variance 1.
 */
export interface MatrixSensitivity {
  /** Programming, by |w|: at knot i for weights near i / INTERVALS * omega. [INTERVALS + 1] */
  readonly weights: Float64Array;
  /** Read noise, times |w|. */
  readonly reads: number;
  /** Noise and rounding of outputs. */
  readonly outputs: number;
  /** Rounding of inputs. */
  readonly inputs: number;
}

export interface SensitivityRequest {
  /** [outputs][inputs] */
  readonly weights: Float32Array;
  readonly matrix: WeightMatrix;
  readonly curvature: MatrixCurvature;
  readonly blocks: readonly BlockRange[];
  readonly scaling: WeightScaling;
  readonly omega: number;
  /** One a row range, in the order of `rowRanges(blocks)`; null: dynamic. */
  readonly inputRanges: ArrayLike<number> | null;
}

/**
 * Tiling and scaling go into the result; devices, converters and their scales do not.
 *
 * With dynamic ranges, the range of a block counts as that of the whole input vector.
 */
export function sensitivityOf(request: SensitivityRequest): MatrixSensitivity {
  const { weights, matrix, blocks, scaling, omega } = request;
  const histogram = new Float64Array(INTERVALS + 1);
  let reads = 0;
  let outputs = 0;
  for (const block of blocks) {
    const held = scaleBlock(weights, matrix.inputs, block, scaling, omega);
    reads += addBlock(held, block, request, histogram);
    outputs += outputsOf(held.scale, block, request);
  }
  return { weights: histogram, reads, outputs, inputs: inputsOf(request) };
}

/**
 * Adds a block's curvature times scale^2, shared between the two knots around each |w|.
 *
 * @returns the same with the curvature of reads, times |w|
 */
function addBlock(
  held: { readonly weights: Float32Array; readonly scale: Float32Array },
  { rowBegin, rowEnd, colBegin }: BlockRange,
  { matrix, curvature, omega }: SensitivityRequest,
  histogram: Float64Array,
): number {
  const rows = rowEnd - rowBegin;
  let reads = 0;
  for (let c = 0; c < held.scale.length; c++) {
    const from = (colBegin + c) * matrix.inputs + rowBegin;
    const square = held.scale[c]! ** 2;
    for (let r = 0; r < rows; r++) {
      const size = Math.abs(held.weights[c * rows + r]!);
      const place = Math.min((size / omega) * INTERVALS, INTERVALS);
      const knot = Math.min(Math.floor(place), INTERVALS - 1);
      const share = place - knot;
      const value = square * curvature.weights[from + r]!;
      histogram[knot]! += value * (1 - share);
      histogram[knot + 1]! += value * share;
      reads += square * size * curvature.reads[from + r]!;
    }
  }
  return reads;
}

/** Range of the inputs of a row range; null: dynamic. */
function rangeOf(
  { blocks, inputRanges }: SensitivityRequest,
  { rowBegin, rowEnd }: Pick<BlockRange, "rowBegin" | "rowEnd">,
): number | null {
  if (inputRanges === null) return null;
  const index = rowRanges(blocks).findIndex((r) => r.rowBegin === rowBegin && r.rowEnd === rowEnd);
  return inputRanges[index]!;
}

function outputsOf(scale: Float32Array, block: BlockRange, request: SensitivityRequest): number {
  const { outputs, outputsTimesRange } = request.curvature;
  const range = rangeOf(request, block);
  let sum = 0;
  for (let c = 0; c < scale.length; c++) {
    const column = block.colBegin + c;
    const square = range === null ? outputsTimesRange[column]! : range * range * outputs[column]!;
    sum += scale[c]! ** 2 * square;
  }
  return sum;
}

function inputsOf(request: SensitivityRequest): number {
  const { inputs, inputsTimesRange } = request.curvature;
  let sum = 0;
  for (const rows of rowRanges(request.blocks)) {
    const range = rangeOf(request, rows);
    for (let i = rows.rowBegin; i < rows.rowEnd; i++)
      sum += range === null ? inputsTimesRange[i]! : range * range * inputs[i]!;
  }
  return sum;
}

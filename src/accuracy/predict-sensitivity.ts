/** From the curvature of a matrix to a few hundred numbers that every error model can be applied to. */
import type { WeightMatrix } from "../model/matrix.ts";
import { type BlockRange, rowRanges } from "../numerics/ranges.ts";
import { scaleBlock, type WeightScaling } from "../numerics/scaling.ts";
import type { ColumnSums, InputsBySize, MatrixCurvature } from "../transformer/curvature.ts";
import { INTERVALS } from "./predict-error.ts";

/**
 * What a matrix on crossbars of one size, with one scaling and one rule for input ranges, has to
 * fear. Plain data. Weights are in units of the largest of their scaling group, sums in units of that
 * times the input range; devices and converters are not in it.
 */
export interface MatrixSensitivity {
  readonly weights: WeightSensitivity;
  readonly outputs: OutputSensitivity;
  readonly inputs: InputSensitivity;
  /** Derivative along the matrix, by window of the calibration text; see `MatrixCurvature`. */
  readonly along: Float64Array;
}

/** By |w|: at knot i for weights near i / INTERVALS. [INTERVALS + 1] */
interface WeightSensitivity {
  /** Curvature: half of it times a mean square is a rise in nats. */
  readonly squares: Float64Array;
  /** Slope of the NLL when all weights of a knot are larger. */
  readonly slopes: Float64Array;
  /** How many weights there are. */
  readonly counts: Float64Array;
}

export interface OutputSensitivity extends ColumnSums {
  /** Curvature of read noise, times |w|. */
  readonly reads: number;
}

export interface InputSensitivity {
  readonly bySize: InputsBySize;
  /** Full scale of each row range, and its share of the curvature; null: sizes are over the range. */
  readonly ranges: readonly { readonly range: number; readonly share: number }[] | null;
}

export interface SensitivityRequest {
  /** [outputs][inputs] */
  readonly weights: Float32Array;
  readonly matrix: WeightMatrix;
  readonly curvature: MatrixCurvature;
  /** Of the same blocks, scaling and ranges: of the plan that `columnPlans` makes. */
  readonly columns: ColumnSums;
  readonly blocks: readonly BlockRange[];
  readonly scaling: WeightScaling;
  /** One a row range, in the order of `rowRanges(blocks)`; null: dynamic. */
  readonly inputRanges: ArrayLike<number> | null;
}

export function sensitivityOf(request: SensitivityRequest): MatrixSensitivity {
  const { weights, matrix, curvature, columns, blocks, scaling } = request;
  const knots = (): Float64Array => new Float64Array(INTERVALS + 1);
  const sums: Sums = { weights: { squares: knots(), slopes: knots(), counts: knots() }, reads: 0 };
  for (const block of blocks) {
    // omega 1: the largest weight of a group is 1
    const held = scaleBlock(weights, matrix.inputs, block, scaling, 1);
    for (let c = 0; c < held.scale.length; c++) addColumn(held, block, c, request, sums);
  }
  return {
    weights: sums.weights,
    outputs: { ...columns, reads: sums.reads },
    inputs: inputsOf(request),
    along: curvature.along,
  };
}

interface Sums {
  readonly weights: WeightSensitivity;
  reads: number;
}

/** One column of a block. */
function addColumn(
  held: { readonly weights: Float32Array; readonly scale: Float32Array },
  block: BlockRange,
  c: number,
  { curvature, matrix }: SensitivityRequest,
  sums: Sums,
): void {
  const { rowBegin, rowEnd, colBegin } = block;
  const rows = rowEnd - rowBegin;
  const scale = held.scale[c]!;
  const from = (colBegin + c) * matrix.inputs + rowBegin;
  const { squares, slopes, counts } = sums.weights;
  let reads = 0;
  for (let r = 0; r < rows; r++) {
    const weight = held.weights[c * rows + r]!;
    const size = Math.min(Math.abs(weight), 1);
    const place = size * INTERVALS;
    const knot = Math.min(Math.floor(place), INTERVALS - 1);
    const share = place - knot;
    const square = scale * scale * curvature.weights[from + r]!;
    const slope = scale * curvature.slope[from + r]!;
    const signed = weight < 0 ? -slope : slope;
    squares[knot] = squares[knot]! + square * (1 - share);
    squares[knot + 1] = squares[knot + 1]! + square * share;
    slopes[knot] = slopes[knot]! + signed * (1 - share);
    slopes[knot + 1] = slopes[knot + 1]! + signed * share;
    counts[knot] = counts[knot]! + (1 - share);
    counts[knot + 1] = counts[knot + 1]! + share;
    reads += scale * scale * size * curvature.reads[from + r]!;
  }
  sums.reads += reads;
}

function inputsOf(request: SensitivityRequest): InputSensitivity {
  const { curvature, inputRanges, blocks } = request;
  if (inputRanges === null) return { bySize: curvature.bySizeOverRange, ranges: null };
  const parts = rowRanges(blocks).map(({ rowBegin, rowEnd }, i) => {
    let own = 0;
    for (let row = rowBegin; row < rowEnd; row++) own += curvature.inputs[row]!;
    return { range: inputRanges[i]!, own };
  });
  const all = parts.reduce((sum, { own }) => sum + own, 0);
  return {
    bySize: curvature.bySize,
    ranges: parts.map(({ range, own }) => ({ range, share: all > 0 ? own / all : 0 })),
  };
}

/** From the curvature of a matrix to a few hundred numbers that every error model can be applied to. */
import type { WeightMatrix } from "../model/matrix.ts";
import { placeWeight } from "../numerics/periphery/ir-drop.ts";
import { type BlockRange, rowRanges } from "../numerics/ranges.ts";
import { scaleBlock, type WeightScaling } from "../numerics/scaling.ts";
import {
  type InputsBySize,
  type MatrixCurvature,
  SIZE_BINS,
  sizeBin,
} from "../transformer/curvature.ts";
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

/** Bins of `sizeBin`. [SIZE_BINS] */
export interface OutputSensitivity {
  /** By rms of the analog sum: curvature, and slope when the sum is larger. */
  readonly squares: Float64Array;
  readonly slopes: Float64Array;
  /** Curvature of read noise, times |w|. */
  readonly reads: number;
  /** By current (rows x sum |w v|): slope of what IR drop takes, and its share of the sum. */
  readonly dropSlopes: Float64Array;
  readonly dropShares: Float64Array;
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
  readonly blocks: readonly BlockRange[];
  readonly scaling: WeightScaling;
  /** One a row range, in the order of `rowRanges(blocks)`; null: dynamic. */
  readonly inputRanges: ArrayLike<number> | null;
}

/** With dynamic ranges, the range of a block counts as that of the whole input vector. */
export function sensitivityOf(request: SensitivityRequest): MatrixSensitivity {
  const { weights, matrix, curvature, blocks, scaling } = request;
  const knots = (): Float64Array => new Float64Array(INTERVALS + 1);
  const bins = (): Float64Array => new Float64Array(SIZE_BINS);
  const sums: Sums = {
    weights: { squares: knots(), slopes: knots(), counts: knots() },
    outputs: {
      squares: bins(),
      slopes: bins(),
      reads: 0,
      dropSlopes: bins(),
      dropShares: bins(),
    },
    energy: 0,
  };
  for (const block of blocks) {
    // omega 1: the largest weight of a group is 1
    const held = scaleBlock(weights, matrix.inputs, block, scaling, 1);
    for (let c = 0; c < held.scale.length; c++) addColumn(held, block, c, request, sums);
  }
  const { energy, outputs } = sums;
  for (let b = 0; b < SIZE_BINS; b++)
    outputs.dropShares[b] = energy > 0 ? outputs.dropShares[b]! / energy : 0;
  return {
    weights: sums.weights,
    outputs,
    inputs: inputsOf(request),
    along: curvature.along,
  };
}

interface Sums {
  readonly weights: WeightSensitivity;
  readonly outputs: { -readonly [K in keyof OutputSensitivity]: OutputSensitivity[K] };
  /** Power of the outputs, inputs taken to be independent. */
  energy: number;
}

const bits = new Float32Array(1);
const asInteger = new Int32Array(bits.buffer);
/** Bin of a number that is no float32 yet. */
function binOf(value: number): number {
  bits[0] = value;
  return sizeBin(asInteger[0]!);
}

/** One column of a block: a sum that one ADC converts. */
function addColumn(
  held: { readonly weights: Float32Array; readonly scale: Float32Array },
  block: BlockRange,
  c: number,
  request: SensitivityRequest,
  sums: Sums,
): void {
  const { rowBegin, rowEnd, colBegin } = block;
  const { curvature, matrix } = request;
  const rows = rowEnd - rowBegin;
  const scale = held.scale[c]!;
  const from = (colBegin + c) * matrix.inputs + rowBegin;
  const { squares, slopes, counts } = sums.weights;
  let [reads, energy, current, slopeOfSum, dropSlope, dropEnergy] = [0, 0, 0, 0, 0, 0];
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
    const power = size * size * curvature.inputSquares[rowBegin + r]!;
    const along = slope * weight;
    const lost = placeWeight(r, rows);
    energy += power;
    current += size * Math.sqrt(curvature.inputSquares[rowBegin + r]!);
    slopeOfSum += along;
    dropSlope += along * lost;
    dropEnergy += power * lost;
  }
  const column = colBegin + c;
  const range = effectiveRange(request, block, column);
  const { outputs } = sums;
  outputs.reads += reads;
  const bin = binOf(range > 0 ? Math.sqrt(energy) / range : 0);
  outputs.squares[bin]! += (scale * range) ** 2 * curvature.outputs[column]!;
  outputs.slopes[bin]! += slopeOfSum;
  const dropBin = binOf(range > 0 ? (rows * MEAN_OVER_RMS * current) / range : 0);
  outputs.dropSlopes[dropBin]! += dropSlope;
  outputs.dropShares[dropBin]! += scale * scale * dropEnergy;
  sums.energy += scale * scale * energy;
}

/** E|x| of a normal x over its rms. */
const MEAN_OVER_RMS = Math.sqrt(2 / Math.PI);

/** Full scale of the inputs of a block; dynamic: the rms over tokens, as the column feels them. */
function effectiveRange(request: SensitivityRequest, block: BlockRange, column: number): number {
  const fixed = rangeOf(request, block);
  if (fixed !== null) return fixed;
  const { outputs, outputsTimesRange } = request.curvature;
  return outputs[column]! > 0 ? Math.sqrt(outputsTimesRange[column]! / outputs[column]!) : 0;
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

/**
 * How much the mean NLL rises when a matrix is analog, without running it.
 *
 * Half of mean square error times curvature, summed over everything that errs; and, where errors do
 * not vanish on average, slope times mean error.
 */

import type { AnalogNumerics } from "../model/analog-numerics.ts";
import type { AnalogTile } from "../model/arch.ts";
import { peripheryOf, type Slicing } from "../numerics/program.ts";
import { requestOfTile } from "../numerics/tile.ts";
import { SIZE_BINS } from "../transformer/curvature.ts";
import {
  commonErrors,
  dropShares,
  type ErrorsBySize,
  inputErrors,
  outputErrors,
} from "./predict-converters.ts";
import { type HeldWeights, heldWeights, INTERVALS, writeModelOf } from "./predict-error.ts";
import type { MatrixSensitivity } from "./predict-sensitivity.ts";

/** Predicted rise of the mean NLL by its causes; where errors are biased a part may be negative. */
export interface PredictedRise {
  /** Programming of the weights, levels, faults; drift and read noise since then. */
  readonly weights_nats: number;
  /** Short-term read noise of the weights. */
  readonly reads_nats: number;
  /** Noise before the ADC, its rounding and clipping; IR drop. */
  readonly outputs_nats: number;
  /** Rounding and clipping of the DAC. */
  readonly inputs_nats: number;
  readonly total_nats: number;
  /** The part of `weights_nats` that is slope times mean error. */
  readonly weightSlope_nats: number;
  /** The part of `outputs_nats` that is slope times mean error. */
  readonly outputSlope_nats: number;
  /** The part of `weights_nats` that is curvature times the square of the mean error. */
  readonly weightBias_nats: number;
  /** The part of the errors that is a common factor on the matrix, less one: of weights, of sums. */
  readonly weightFactor: number;
  readonly sumFactor: number;
}

/** Errors of a kind of tile: in the units of the crossbar, without any matrix. */
export interface ErrorModel {
  readonly weights: HeldWeights;
  readonly compensates: boolean;
  /** Variance of a weight at a read, over |w|. */
  readonly reads: number;
  readonly outputs: ErrorsBySize;
  readonly dropShares: Float64Array;
  /** DAC errors where sizes are in units of `range`; null: of the largest input of each token. */
  readonly inputs: (range: number | null) => ErrorsBySize;
  /** Variance of noise after the DAC, in the square of the range. */
  readonly inputNoise: number;
}

/**
 * @param noise_scale c of arXiv 2603.02633
 * @throws InputError if the device model has no data for the age
 */
export function errorModel(tile: AnalogTile, noise_scale: number, age_s: number): ErrorModel {
  return {
    ...readErrors(tile),
    weights: heldWeights(writeModelOf(tile, noise_scale, age_s)),
  };
}

/** What does not depend on devices. */
export function readErrors(tile: AnalogTile): Omit<ErrorModel, "weights"> {
  const { numerics } = tile;
  const { inputBits, outputBits, slicing } = requestOfTile(tile);
  const periphery = peripheryOf(numerics, inputBits, outputBits);
  const omega = numerics.weight_omega;
  return {
    compensates: numerics.drift_compensation !== "none",
    reads: periphery.readNoise ** 2 / omega,
    outputs:
      slicing === undefined
        ? outputErrors(periphery, omega)
        : slicedOutputs(numerics, slicing, periphery.inputLevels, periphery.outputLevels),
    dropShares: dropShares(periphery, omega),
    inputs: (range) => inputErrors(periphery.inputLevels, range),
    inputNoise: (numerics.periphery?.input_noise_std ?? 0) ** 2,
  };
}

/**
 * Bit slices and bit-serial inputs: each conversion errs by itself and counts by its significance;
 * its rounding is taken for uniform noise.
 */
function slicedOutputs(
  { weight_omega: omega, output_noise, output_bound }: AnalogNumerics,
  { slices, cell_bits, bits_per_phase, lossless }: Slicing,
  inputLevels: number,
  outputLevels: number,
): ErrorsBySize {
  const digit = 2 ** (cell_bits ?? 1) - 1;
  const codeMax = (digit + 1) ** slices - 1;
  const phases = Math.ceil(Math.log2(inputLevels + 1) / bits_per_phase);
  let significance = 0;
  for (let s = 0; s < slices; s++)
    for (let p = 0; p < phases; p++) {
      const weight = slices === 1 ? 1 : ((digit + 1) ** s * digit) / codeMax;
      const input = (2 ** (bits_per_phase * p) * (2 ** bits_per_phase - 1)) / inputLevels;
      significance += (weight * input) ** 2;
    }
  const step = lossless || outputLevels === 0 ? 0 : output_bound / outputLevels;
  const square = (significance * (output_noise.std ** 2 + step ** 2 / 12)) / omega ** 2;
  return {
    mean: new Float64Array(SIZE_BINS),
    square: new Float64Array(SIZE_BINS).fill(square),
  };
}

/** Effects of a tile that the prediction leaves out, in words. */
export function unpredictedEffects({ numerics: { periphery } }: AnalogTile): readonly string[] {
  const { input_noise_std, source, evidence, note, ...others } = periphery ?? {};
  return Object.keys(others).map((field) => `numerics.periphery.${field}`);
}

/** Dot products: microseconds, whatever the size of the matrix, but for the DAC's. */
export function predictRise(sensitivity: MatrixSensitivity, errors: ErrorModel): PredictedRise {
  const weights = weightRise(sensitivity, errors);
  const outputs = outputRise(sensitivity, errors);
  const reads_nats = (sensitivity.outputs.reads * errors.reads) / 2;
  const inputs_nats = inputRise(sensitivity, errors);
  return {
    weights_nats: weights.rise_nats,
    reads_nats,
    outputs_nats: outputs.rise_nats,
    inputs_nats,
    total_nats: weights.rise_nats + reads_nats + outputs.rise_nats + inputs_nats,
    weightSlope_nats: weights.slope_nats,
    outputSlope_nats: outputs.slope_nats,
    weightBias_nats: weights.bias_nats,
    weightFactor: weights.factor,
    sumFactor: outputs.factor,
  };
}

interface Part {
  readonly rise_nats: number;
  readonly factor: number;
}

/** Errors of weights, with one compensating factor for the matrix. */
function weightRise(
  { weights }: MatrixSensitivity,
  errors: ErrorModel,
): Part & { readonly slope_nats: number; readonly bias_nats: number } {
  const { squares, slopes, counts } = weights;
  const { mean, variance, programmedSize, size } = errors.weights;
  const compensation = errors.compensates ? dot(counts, programmedSize) / dot(counts, size) : 1;
  let [square, squareOfMean, slope, product, power] = [0, 0, 0, 0, 0];
  for (let i = 0; i <= INTERVALS; i++) {
    const weight = i / INTERVALS;
    const bias = compensation * mean[i]! - weight;
    squareOfMean += squares[i]! * bias * bias;
    square += squares[i]! * (compensation ** 2 * variance[i]! + bias * bias);
    slope += slopes[i]! * bias;
    product += counts[i]! * bias * weight;
    power += counts[i]! * weight * weight;
  }
  return {
    rise_nats: square / 2 + slope,
    slope_nats: slope,
    bias_nats: squareOfMean / 2,
    factor: power > 0 ? product / power : 0,
  };
}

function outputRise(
  { outputs }: MatrixSensitivity,
  errors: ErrorModel,
): Part & { readonly slope_nats: number } {
  const { mean, square } = errors.outputs;
  const noise = dot(outputs.squares, square) / 2 + commonErrors(outputs, mean);
  const slope_nats = dot(outputs.slopes, mean) - dot(outputs.dropSlopes, errors.dropShares);
  return {
    rise_nats: noise + slope_nats,
    slope_nats,
    factor: -dot(outputs.dropShares, errors.dropShares),
  };
}

function inputRise({ inputs }: MatrixSensitivity, errors: ErrorModel): number {
  const { squares, slopes } = inputs.bySize;
  const total = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
  const noise = (range: number): number => (errors.inputNoise * range ** 2 * total(squares)) / 2;
  const at = (range: number, full: number | null): number => {
    const { mean, square } = errors.inputs(full);
    return (dot(squares, square) * range ** 2) / 2 + dot(slopes, mean) * range + noise(range);
  };
  // A range of 0 is dynamic: no token reached the row range, and it costs nothing.
  if (inputs.ranges === null) return at(1, null);
  return inputs.ranges.reduce(
    (sum, { range, share }) => sum + (share > 0 && range > 0 ? share * at(range, range) : 0),
    0,
  );
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

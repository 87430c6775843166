/**
 * The accuracy surrogate: how much the mean NLL rises when a matrix is analog, without running it.
 *
 * Second order in the errors: half of variance times curvature, summed over everything that errs.
 * What biased errors do in the first order (clipping, IR drop, drift) is not in it.
 */
import type { AnalogTile } from "../model/arch.ts";
import { ALWAYS_DIGITAL, type WeightMatrix } from "../model/matrix.ts";
import { deviceModel } from "../numerics/devices/index.ts";
import type { Periphery } from "../numerics/engine.ts";
import { peripheryOf } from "../numerics/program.ts";
import type { MatrixCurvature } from "../transformer/curvature.ts";
import { blocksOn } from "./evaluator.ts";
import { programmingErrors } from "./predict-error.ts";
import { type MatrixSensitivity, sensitivityOf } from "./predict-sensitivity.ts";

/** Predicted rise of the mean NLL by its causes. */
export interface PredictedRise {
  /** Programming of the weights. */
  readonly weights_nats: number;
  /** Short-term read noise of the weights. */
  readonly reads_nats: number;
  /** Noise before the ADC, and its rounding. */
  readonly outputs_nats: number;
  /** Rounding of the DAC. */
  readonly inputs_nats: number;
  readonly total_nats: number;
}

/** Mean squares of a tile's errors, in the units of the crossbar. */
export interface ErrorModel {
  /** Of a programmed weight, at the knots of `programmingErrors`. */
  readonly weights: Float64Array;
  /** Of a weight at a read, over |w|. */
  readonly reads: number;
  readonly outputs: number;
  readonly inputs: number;
}

/** The errors of a kind of tile, right after programming. @param noise_scale c of arXiv 2603.02633 */
export function errorModel(
  { numerics, input, output }: AnalogTile,
  noise_scale: number,
): ErrorModel {
  const device = deviceModel(numerics.devices, noise_scale);
  return {
    weights: programmingErrors(device, numerics.weight_omega),
    ...converterErrors(peripheryOf(numerics, input.bits, output.bits)),
  };
}

/** A rounding error is spread evenly over one step: step^2 / 12. */
function converterErrors(p: Periphery): Omit<ErrorModel, "weights"> {
  const rounding = (bound: number, levels: number): number =>
    levels === 0 || bound === 0 ? 0 : (bound / levels) ** 2 / 12;
  return {
    reads: p.readNoise ** 2,
    outputs: p.outputNoise ** 2 + rounding(p.outputBound, p.outputLevels),
    inputs: rounding(1, p.inputLevels),
  };
}

/** A dot product: microseconds, whatever the size of the matrix. */
export function predictRise(
  { weights, reads, outputs, inputs }: MatrixSensitivity,
  errors: ErrorModel,
): PredictedRise {
  let programmed = 0;
  for (let i = 0; i < weights.length; i++) programmed += weights[i]! * errors.weights[i]!;
  const weights_nats = programmed / 2;
  const reads_nats = (reads * errors.reads) / 2;
  const outputs_nats = (outputs * errors.outputs) / 2;
  const inputs_nats = (inputs * errors.inputs) / 2;
  const total_nats = weights_nats + reads_nats + outputs_nats + inputs_nats;
  return { weights_nats, reads_nats, outputs_nats, inputs_nats, total_nats };
}

/** A model with its curvature, each in the order of `weightMatrices(workload)`. */
export interface CurvedModel {
  readonly matrices: readonly WeightMatrix[];
  readonly weights: readonly Float32Array[];
  /** From `fisherInformation`. */
  readonly curvature: readonly (MatrixCurvature | null)[];
}

/**
 * The sensitivity of every matrix on a kind of tile; null for those that are digital anyway.
 *
 * @param ranges input ranges of every matrix, from `calibrateRanges`
 */
export function sensitivities(
  { matrices, weights, curvature }: CurvedModel,
  tile: AnalogTile,
  ranges: readonly (ArrayLike<number> | null)[],
): readonly (MatrixSensitivity | null)[] {
  return matrices.map((matrix) => {
    const own = curvature[matrix.id] ?? null;
    if (own === null || ALWAYS_DIGITAL.includes(matrix.module)) return null;
    return sensitivityOf({
      weights: weights[matrix.id]!,
      matrix,
      curvature: own,
      blocks: blocksOn(tile, matrix),
      scaling: tile.numerics.weight_scaling,
      omega: tile.numerics.weight_omega,
      inputRanges: ranges[matrix.id]!,
    });
  });
}

/** The predicted rise of every matrix on a kind of tile; null for those that are digital anyway. */
export function predictRises(
  model: CurvedModel,
  tile: AnalogTile,
  ranges: readonly (ArrayLike<number> | null)[],
  noise_scale: number,
): readonly (PredictedRise | null)[] {
  const errors = errorModel(tile, noise_scale);
  return sensitivities(model, tile, ranges).map((own) =>
    own === null ? null : predictRise(own, errors),
  );
}

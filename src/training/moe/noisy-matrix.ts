/** A matrix on the crossbars of one training step: programmed anew, with the noise of training. */
import type { AnalogTile } from "../../model/arch.ts";
import { InputError } from "../../model/issue.ts";
import type { ForwardOverrides, WeightNoiseSpec } from "../../model/training-recipe.ts";
import type { AnalogMatrix } from "../../numerics/engine.ts";
import {
  MODIFIER_DEFAULTS,
  modifyWeights,
  type WeightModifier,
} from "../../numerics/hwa/modifier.ts";
import { type ProgramRequest, programMatrix } from "../../numerics/program.ts";
import { onEngine, requestOfTile, type TileEngine } from "../../numerics/tile.ts";
import { rangesOf, type TrainedMatrix, weightsOf } from "./parameters.ts";

/** The noise of one step. */
export interface StepNoise {
  /** Its addresses begin with it: another one in every step, and none of an evaluation. */
  readonly seed: number;
  readonly weight_noise: WeightNoiseSpec;
  /** Multiplies the weight noise: the ramp. */
  readonly share: number;
  readonly drop_connect_frac: number;
  readonly forward: ForwardOverrides;
}

/**
 * Places, programs and reads as inference does: same blocks, same scales of columns, same
 * converters. Only the programming noise of the devices is scaled.
 *
 * @source Rasch et al., Nature Communications 14:5282 (2023): programming noise of the devices,
 *   scaled up, drawn anew for every batch; drop-connect on top of it.
 */
export function noisyMatrix(
  trained: TrainedMatrix,
  noise: StepNoise,
  engine: TileEngine,
): AnalogMatrix {
  const { matrix, tile, blocks } = trained;
  const request: ProgramRequest = {
    weights: weightsOf(trained),
    matrix,
    blocks,
    ...trainingTile(tile, noise.forward),
    inputRanges: rangesOf(trained),
    seed: noise.seed,
    noise_scale: 0,
    age_s: 0,
  };
  const programmed = programMatrix(onEngine(withDeviceNoise(request, noise), engine));
  const modifier = modifierOf(noise);
  if (modifier === null) return programmed;
  return {
    ...programmed,
    blocks: programmed.blocks.map((block, b) => ({
      ...block,
      weights: modifyWeights(
        block.weights,
        block.rowEnd - block.rowBegin,
        modifier,
        { seed: noise.seed, matrix: matrix.id, row: b },
        engine.fillNormals,
      ),
    })),
  };
}

/** Ideal devices unless it is their own noise that is trained with. */
function withDeviceNoise(
  request: ProgramRequest,
  { weight_noise, share }: StepNoise,
): ProgramRequest {
  if (weight_noise.kind === "programming")
    return {
      ...request,
      noise_scale: share * weight_noise.scale,
      age_s: weight_noise.age_s ?? 0,
    };
  const { levels: _, faults: __, ...plain } = request;
  const devices = { kind: "ideal", source: "training", evidence: "assumed" } as const;
  return { ...plain, numerics: { ...request.numerics, devices } };
}

/** Noise on normalised weights, after programming; null: none. */
function modifierOf({ weight_noise, share, drop_connect_frac }: StepNoise): WeightModifier | null {
  const isGaussian = weight_noise.kind === "gaussian";
  const std_dev = isGaussian ? share * weight_noise.std : 0;
  if (std_dev === 0 && drop_connect_frac === 0) return null;
  return {
    ...MODIFIER_DEFAULTS,
    type: isGaussian ? "AddNormal" : "DropConnect",
    std_dev,
    pdrop: drop_connect_frac,
    rel_to_actual_wmax: false,
    assumed_wmax: 1,
  };
}

/** Of a tile whose arch file says nothing of its wires. */
const WIRES = {
  conductance_ratio: 1 / (0.35 * 5e-6),
  source: "AIHWKIT StandardHWATrainingPreset: 0.35 Ohm a cell, 5 uS a device",
  evidence: "peer",
} as const;

/**
 * The tile's part of a request, with what the recipe says otherwise.
 *
 * @throws InputError if a weight of the tile is several cells, or an input several reads
 */
export function trainingTile(tile: AnalogTile, forward: ForwardOverrides) {
  const own = requestOfTile(tile);
  if (own.slicing !== undefined)
    throw new InputError(`tiles "${tile.name}"`, [
      {
        pointer: "/crossbar/slices",
        found: "bit slices or bit-serial inputs",
        allowed: "one cell a weight and one read an input, where crossbars are trained with",
      },
    ]);
  const { numerics } = own;
  const { input_noise_std, output_noise_std, read_noise_std, ir_drop_scale } = forward;
  const assumed = { source: "training recipe", evidence: "assumed" } as const;
  return {
    ...own,
    inputBits: forward.input_bits === undefined ? own.inputBits : (forward.input_bits ?? 0),
    outputBits: forward.output_bits === undefined ? own.outputBits : (forward.output_bits ?? 0),
    numerics: {
      ...numerics,
      output_bound: forward.output_bound ?? numerics.output_bound,
      ...(output_noise_std !== undefined && {
        output_noise: { ...numerics.output_noise, std: output_noise_std },
      }),
      ...(read_noise_std !== undefined && {
        read_noise: { ...assumed, ...numerics.read_noise, std: read_noise_std },
      }),
      ...(ir_drop_scale !== undefined && {
        ir_drop: { ...WIRES, ...numerics.ir_drop, scale: ir_drop_scale },
      }),
      ...(input_noise_std !== undefined && {
        periphery: { ...assumed, ...numerics.periphery, input_noise_std },
      }),
    },
  };
}

/** A matrix on the crossbars of one training step: programmed anew, with the noise of training. */
import type { AnalogTile } from "../model/arch.ts";
import { InputError } from "../model/issue.ts";
import type { ForwardOverrides, WeightNoiseSpec } from "../model/training-recipe.ts";
import type { AnalogMatrix } from "../numerics/engine.ts";
import { MODIFIER_DEFAULTS, modifyWeights, type WeightModifier } from "../numerics/hwa/modifier.ts";
import { type ProgramRequest, programMatrix } from "../numerics/program.ts";
import { onEngine, requestOfTile, type TileEngine } from "../numerics/tile.ts";

/** Noise on the weights of a step. */
export interface StepNoise {
  readonly weight_noise: WeightNoiseSpec;
  /** Multiplies it: the ramp. */
  readonly share: number;
  readonly drop_connect_frac: number;
}

/** What a tile says of programming, with the changes of a recipe. */
export type TrainingTile = Omit<ReturnType<typeof requestOfTile>, "slicing">;

/**
 * The matrix as inference would program it: same blocks, same scales of columns, same converters.
 * Only the programming noise of the devices is scaled.
 *
 * @param request its seed and matrix are the address of the noise: another one in every step
 * @source Rasch et al., Nature Communications 14:5282 (2023): programming noise of the devices,
 *   scaled up, drawn anew for every batch; drop-connect on top of it.
 */
export function stepMatrix(
  request: Omit<ProgramRequest, "noise_scale" | "age_s">,
  noise: StepNoise,
  engine: TileEngine,
): AnalogMatrix {
  const noisy = withDeviceNoise({ ...request, noise_scale: 0, age_s: 0 }, noise);
  const programmed = programMatrix(onEngine(noisy, engine));
  const modifier = modifierOf(noise);
  if (modifier === null) return programmed;
  const { seed, matrix } = programmed;
  const blocks = programmed.blocks.map((block, row) => {
    const inputs = block.rowEnd - block.rowBegin;
    const address = { seed, matrix, row };
    const weights = modifyWeights(block.weights, inputs, modifier, address, engine.fillNormals);
    return { ...block, weights };
  });
  return { ...programmed, blocks };
}

const NO_DEVICES = { kind: "ideal", source: "noise of the recipe", evidence: "assumed" } as const;

/** Ideal devices unless it is their own noise that is trained with. */
function withDeviceNoise(
  request: ProgramRequest,
  { weight_noise, share }: StepNoise,
): ProgramRequest {
  if (weight_noise.kind === "programming") {
    const { scale, age_s = 0 } = weight_noise;
    return { ...request, noise_scale: share * scale, age_s };
  }
  const { levels: _, faults: __, ...plain } = request;
  return { ...plain, numerics: { ...request.numerics, devices: NO_DEVICES } };
}

/** Changes of normalised weights after programming; null: none. */
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

/**
 * The tile's part of a request, with what the recipe says otherwise.
 *
 * @throws InputError if a weight of the tile is several cells, or an input several reads
 */
export function trainingTile(tile: AnalogTile, forward: ForwardOverrides): TrainingTile {
  const { slicing, ...own } = requestOfTile(tile);
  if (slicing !== undefined)
    throw new InputError(`tiles "${tile.name}"`, [
      {
        pointer: "/crossbar/slices",
        found: "bit slices or bit-serial inputs",
        allowed: "one cell a weight and one read an input, where crossbars are trained with",
      },
    ]);
  return {
    ...own,
    inputBits: forward.input_bits === undefined ? own.inputBits : (forward.input_bits ?? 0),
    outputBits: forward.output_bits === undefined ? own.outputBits : (forward.output_bits ?? 0),
    numerics: { ...own.numerics, ...overrides(own.numerics, forward) },
  };
}

const CHANGED = { source: "training recipe", evidence: "assumed" } as const;
/** Of a tile whose arch file says nothing of its wires. */
const WIRES = {
  conductance_ratio: 1 / (0.35 * 5e-6),
  source: "AIHWKIT StandardHWATrainingPreset: 0.35 Ohm a cell, 5 uS a device",
  evidence: "peer",
} as const;

type Numerics = AnalogTile["numerics"];

function overrides(own: Numerics, forward: ForwardOverrides): Partial<Numerics> {
  const { output_bound, output_noise_std, read_noise_std, ir_drop_scale, input_noise_std } =
    forward;
  return {
    ...(output_bound !== undefined && { output_bound }),
    ...(output_noise_std !== undefined && { output_noise: { ...CHANGED, std: output_noise_std } }),
    ...(read_noise_std !== undefined && { read_noise: { ...CHANGED, std: read_noise_std } }),
    ...(ir_drop_scale !== undefined && {
      ir_drop: { ...WIRES, ...own.ir_drop, scale: ir_drop_scale },
    }),
    ...(input_noise_std !== undefined && {
      periphery: { ...CHANGED, ...own.periphery, input_noise_std },
    }),
  };
}

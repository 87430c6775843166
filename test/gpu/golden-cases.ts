/** Golden cases of AIHWKIT as matrices of the engine interface, as far as it covers them. */
import type { AnalogBlock, AnalogMatrix, Periphery } from "../../src/numerics/engine.ts";
import { IO_DEFAULTS, type IoParameters } from "../../src/numerics/periphery/io-parameters.ts";
import { type Case, type Matrix, matrixOf } from "../numerics/golden/golden.ts";
import { tilesOf } from "../numerics/golden/layer.ts";

/** A case that the engines can compute. */
export interface EngineCase {
  readonly name: string;
  readonly matrix: AnalogMatrix;
  readonly x: Matrix;
  readonly outputs: readonly (readonly number[])[];
  readonly given: Case;
}

/** Fields of AIHWKIT's periphery that a `Periphery` has; with any other of them it is not the same. */
const COVERED: readonly (keyof IoParameters)[] = [
  ...(["inp_bound", "out_bound", "inp_res", "out_res", "out_noise", "out_scale"] as const),
  ...(["noise_management", "ir_drop", "ir_drop_g_ratio", "w_noise", "w_noise_type"] as const),
  ...(["is_perfect", "bound_management"] as const),
];

const isCovered = (io: IoParameters, { bm_rounds }: Case): boolean =>
  io.is_perfect ||
  (Object.entries(io).every(
    ([key, value]) =>
      COVERED.includes(key as keyof IoParameters) ||
      ["nm_decay", "nm_assumed_wmax", "max_bm_factor", "max_bm_res"].includes(key) ||
      value === IO_DEFAULTS[key as keyof IoParameters],
  ) &&
    ["None", "AbsMax"].includes(io.noise_management) &&
    (io.bound_management === "None" || bm_rounds?.every((rounds: number) => rounds === 0)) &&
    ["None", "PCMRead"].includes(io.w_noise_type));

/** Codes on each side of zero: a step is 2 res bound. Half codes at the end are not covered. */
const levelsOf = (res: number): number => (res <= 0 ? 0 : res > 1 ? res / 2 : 1 / (2 * res));

/** @returns null if the interface has no such crossbar */
export function engineCase(given: Case): EngineCase | null {
  const io: IoParameters = { ...IO_DEFAULTS, ...given.forward };
  const outputs = given.outputs ?? given.ideal;
  if (given.forward === undefined || outputs === undefined || !isCovered(io, given)) return null;
  const x = matrixOf(given.inputs);
  const range = rangeOf(io, given, x);
  const periphery = io.is_perfect ? PERFECT : peripheryOf(io, range, given);
  if (![periphery.inputLevels, periphery.outputLevels].every(isWhole)) return null;
  // Currents count as they are, not in units of the range.
  if (periphery.irDrop > 0 && range !== 1) return null;
  const w = matrixOf(given.weights);
  const held = tilesOf(w, given.mapping ?? { weight_scaling_omega: 0 });
  const blocks = held.map(
    (block): AnalogBlock => ({
      ...block,
      scale: block.scale.map((s) => s * io.out_scale),
      inputRange: range,
    }),
  );
  const matrix = { inputs: w.cols, outputs: w.rows, blocks, periphery, seed: 5, matrix: 3 };
  return { name: given.name, matrix, x, outputs, given };
}

const isWhole = (levels: number): boolean => Math.abs(levels - Math.round(levels)) < 1e-9;

const PERFECT: Periphery = {
  ...{ inputLevels: 0, outputLevels: 0, outputBound: 0, outputNoise: 0, readNoise: 0 },
  ...{ irDrop: 0, irDropConductanceRatio: 1 },
};

/** 0: each vector's own; where nothing clips, a power of two that no input leaves. */
function rangeOf(io: IoParameters, { input_range }: Case, { values }: Matrix): number {
  if (input_range) return input_range.init_value;
  if (io.noise_management === "AbsMax" && !io.is_perfect) return 0;
  if (io.inp_bound > 0 && !io.is_perfect) return io.inp_bound;
  const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return 2 ** Math.ceil(Math.log2(largest));
}

/** Bounds and noise in units of the range; where that scales inputs, they are so already. */
function peripheryOf(io: IoParameters, range: number, { input_range }: Case): Periphery {
  const unit = range > 0 && !input_range ? range : 1;
  return {
    inputLevels: io.inp_bound > 0 ? round(levelsOf(io.inp_res)) : 0,
    outputLevels: io.out_bound > 0 ? round(levelsOf(io.out_res)) : 0,
    outputBound: io.out_bound > 0 ? io.out_bound / unit : 0,
    outputNoise: io.out_noise / unit,
    readNoise: io.w_noise_type === "PCMRead" ? io.w_noise : 0,
    irDrop: io.ir_drop,
    irDropConductanceRatio: io.ir_drop_g_ratio,
  };
}

/** To the whole number that was meant, if one was. */
const round = (levels: number): number => (isWhole(levels) ? Math.round(levels) : levels);

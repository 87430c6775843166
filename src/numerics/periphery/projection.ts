/** A programmed matrix read through the full periphery, vector by vector: slow, with every effect. */
import type { PeripheryOptions } from "../../model/periphery.ts";
import type { AnalogBlock, AnalogMatrix, Periphery, Projection } from "../engine.ts";
import { requireFinite } from "../finite.ts";
import { clip } from "../quantise.ts";
import { createAnalogForward } from "./forward.ts";
import { IO_DEFAULTS, type IoParameters } from "./io-parameters.ts";

const f32 = Math.fround;

const READS = {
  "one-pass": "OnePass",
  "two-pass-analog": "PosNegSeparate",
  "two-pass-digital": "PosNegSeparateDigitalSum",
} as const;
const NOISE_MANAGEMENT = {
  none: "None",
  "abs-max": "AbsMax",
  max: "Max",
  constant: "Constant",
  "average-abs-max": "AverageAbsMax",
  "abs-max-np-sum": "AbsMaxNPSum",
} as const;
const BOUND_MANAGEMENT = {
  none: "None",
  iterative: "Iterative",
  "iterative-worst-case": "IterativeWorstCase",
} as const;

/** Resolution of a converter as a share of its full range of 2 x bound; 0: no rounding. */
const resolution = (levels: number): number => (levels > 0 ? 1 / (2 * levels) : 0);

/**
 * The periphery of an arch file in AIHWKIT's terms.
 *
 * @param hasFixedRange inputs come divided by a range; if not, each vector is divided by its own
 *   largest value unless the options say otherwise
 */
export function ioOf(p: Periphery, o: PeripheryOptions, hasFixedRange: boolean): IoParameters {
  const noiseKind = o.read_noise_kind === "constant" ? "AdditiveConstant" : "PCMRead";
  return {
    ...IO_DEFAULTS,
    mv_type: READS[o.reads ?? "one-pass"],
    inp_res: resolution(p.inputLevels),
    out_bound: p.outputBound,
    out_res: p.outputBound > 0 ? resolution(p.outputLevels) : 0,
    inp_sto_round: o.stochastic_input_rounding ?? false,
    out_sto_round: o.stochastic_output_rounding ?? false,
    inp_noise: o.input_noise_std ?? 0,
    out_noise: p.outputNoise,
    out_noise_std: o.output_noise_spread_std ?? 0,
    inp_asymmetry: o.input_asymmetry_frac ?? 0,
    out_asymmetry: o.output_asymmetry_frac ?? 0,
    ...managementOf(o, hasFixedRange),
    w_noise: p.readNoise,
    w_noise_type: p.readNoise > 0 ? noiseKind : "None",
    ir_drop: p.irDrop,
    ir_drop_g_ratio: p.irDropConductanceRatio,
    r_series: o.series_resistance_ratio ?? 0,
    v_offset_std: o.voltage_offset_std ?? 0,
    v_offset_w_min: o.voltage_offset_bound ?? IO_DEFAULTS.v_offset_w_min,
    out_nonlinearity: o.nonlinearity_factor ?? 0,
    out_nonlinearity_std: o.nonlinearity_spread_std ?? 0,
    slope_calibration: o.slope_calibration_factor ?? 0,
    w_read_asymmetry_dtod: o.read_asymmetry_std ?? 0,
  };
}

function managementOf(o: PeripheryOptions, hasFixedRange: boolean) {
  return {
    noise_management: NOISE_MANAGEMENT[o.noise_management ?? (hasFixedRange ? "none" : "abs-max")],
    nm_thres: o.noise_management_bound ?? 0,
    nm_decay: o.noise_management_decay_frac ?? IO_DEFAULTS.nm_decay,
    nm_assumed_wmax: o.assumed_weight_mean ?? IO_DEFAULTS.nm_assumed_wmax,
    bound_management: BOUND_MANAGEMENT[o.bound_management ?? "none"],
    max_bm_factor: o.bound_management_factor ?? IO_DEFAULTS.max_bm_factor,
    max_bm_res: o.bound_management_resolution_frac ?? IO_DEFAULTS.max_bm_res,
  };
}

/** Without spread, each column's noise and nonlinearity are those of the parameters. */
export function createPeripheryProjection(
  matrix: AnalogMatrix,
  options: PeripheryOptions,
): Projection {
  const { inputs, outputs } = matrix;
  const reads = matrix.blocks.map((block, index) => createRead(matrix, options, block, index));
  return {
    inputs,
    outputs,
    apply: (x, rows, rowIds, y) => {
      requireFinite(x.subarray(0, rows * inputs), "input", inputs);
      y.fill(0, 0, rows * outputs);
      for (const read of reads)
        for (let row = 0; row < rows; row++)
          read(x.subarray(row * inputs, (row + 1) * inputs), rowIds[row]!, y, row * outputs);
    },
  };
}

/** Reads one vector through a block and adds the result to y[at + column]. */
type BlockRead = (x: Float32Array, rowId: number, y: Float32Array, at: number) => void;

function createRead(
  { periphery, seed, matrix }: AnalogMatrix,
  options: PeripheryOptions,
  block: AnalogBlock,
  index: number,
): BlockRead {
  const { rowBegin, rowEnd, colBegin, colEnd, weights, scale, inputRange } = block;
  const fixed = inputRange > 0;
  const range = fixed ? inputRange : 1;
  const forward = createAnalogForward(ioOf(periphery, options, fixed), {
    weights,
    outputs: colEnd - colBegin,
    inputs: rowEnd - rowBegin,
    address: { seed, matrix, block: index },
  });
  return (x, rowId, y, at) => {
    const part = x.subarray(rowBegin, rowEnd);
    const driven = fixed ? part.map((value) => clip(value, range) / range) : part;
    const result = forward.read(driven, rowId).y;
    for (let c = 0; c < result.length; c++) {
      const out = at + colBegin + c;
      y[out] = y[out]! + f32(result[c]! * f32(range * scale[c]!));
    }
  };
}

/** Which effect hurts: figures of one matrix on inputs that it really sees. */
import { readouts } from "./compensation.ts";
import { EFFECT_NAMES, type Effect, isPresent, only } from "./effects.ts";
import type { AnalogBlock, AnalogMatrix } from "./engine.ts";
import type { DisposableProjection } from "./engines/reusable.ts";
import { type ProgramRequest, programMatrix } from "./program.ts";
import { codeOf } from "./quantise.ts";
import { createTileProjection, onEngine, type TileEngine } from "./tile.ts";

export interface Diagnosis {
  /** Share of inputs beyond the range, over all row blocks. */
  readonly clipped_inputs_frac: number;
  /** Share of analog sums beyond the ADC's bound, before noise; null: bit slices or phases. */
  readonly clipped_outputs_frac: number | null;
  /**
   * One ADC step in units of the output, rms over columns and vectors, over the outputs' rms; null:
   * bit slices or phases, whose conversions differ in significance.
   */
  readonly adc_step_frac: number | null;
  /** 10 log10 of the power of the exact outputs over that of the error. */
  readonly snr_dB: number;
  /** |y - W x| over |W x|, Frobenius norms over the batch. */
  readonly error_rms: number;
  /** Mean |weight| now over that right after programming, before compensation. */
  readonly drift_factor: number;
  /**
   * `error_rms` with that effect alone; 0 where the tile lacks it. Independent effects add up in
   * squares. Bit slices and phases keep their codes in all of them.
   */
  readonly alone: Readonly<Record<Effect, number>>;
}

/** Inputs of a matrix: [rows][inputs], and the rows' addresses. */
export interface Sample {
  readonly x: Float32Array;
  readonly rows: number;
  readonly rowIds: Uint32Array;
}

/**
 * Programs the matrix as asked and once more for each effect, and compares with the exact product.
 *
 * @param sample at least one row whose exact outputs are not all zero
 * @throws Error if the sample has no such row
 */
export function diagnose(asked: ProgramRequest, engine: TileEngine, sample: Sample): Diagnosis {
  const request = onEngine(asked, engine);
  const { weights, matrix } = request;
  const exact = applyOnce(engine.digital(weights, matrix.outputs, matrix.inputs), sample);
  const power = sumOfSquares(exact);
  if (!(power > 0)) throw new Error("diagnose: the sample's exact outputs are all zero");
  const errorOf = (r: ProgramRequest): number => {
    const y = applyOnce(createTileProjection(engine, r), sample);
    return Math.sqrt(sumOfSquares(y.map((v, i) => v - exact[i]!)) / power);
  };
  const error_rms = errorOf(request);
  const alone = Object.fromEntries(
    EFFECT_NAMES.map((effect) => [
      effect,
      isPresent(request, effect) ? errorOf(only(request, effect)) : 0,
    ]),
  ) as Record<Effect, number>;
  return {
    ...converterFigures(request, sample, Math.sqrt(power / exact.length)),
    snr_dB: -20 * Math.log10(Math.max(error_rms, Number.MIN_VALUE)),
    error_rms,
    drift_factor: driftFactor(request),
    alone,
  };
}

/** @returns [rows][outputs] */
function applyOnce(projection: DisposableProjection, { x, rows, rowIds }: Sample): Float32Array {
  const y = new Float32Array(rows * projection.outputs);
  projection.apply(x, rows, rowIds, y);
  projection.dispose();
  return y;
}

function sumOfSquares(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return sum;
}

function driftFactor(request: ProgramRequest): number {
  if (request.age_s === 0) return 1;
  const uncompensated = {
    ...request,
    numerics: { ...request.numerics, drift_compensation: "none" as const },
  };
  const meanOf = (r: ProgramRequest): number => {
    const { blocks } = programMatrix(r);
    const weights = blocks.map((b) => readouts(b.weights, b.scale.length, "global")[0]!);
    return weights.reduce((a, b, i) => a + b * blocks[i]!.weights.length, 0);
  };
  return meanOf(uncompensated) / meanOf({ ...uncompensated, age_s: 0 });
}

type ConverterFigures = Pick<
  Diagnosis,
  "clipped_inputs_frac" | "clipped_outputs_frac" | "adc_step_frac"
>;

/** Counters of the converters of all blocks. */
interface Tally {
  clippedInputs: number;
  inputs: number;
  clippedOutputs: number;
  outputs: number;
  /** Sum of squares of ADC steps. */
  steps: number;
}

function converterFigures(request: ProgramRequest, sample: Sample, rms: number): ConverterFigures {
  const matrix = programMatrix(request);
  const sliced = request.slicing !== undefined;
  const tally: Tally = { clippedInputs: 0, inputs: 0, clippedOutputs: 0, outputs: 0, steps: 0 };
  for (const block of matrix.blocks)
    for (let row = 0; row < sample.rows; row++) {
      const begin = row * matrix.inputs;
      const part = sample.x.subarray(begin + block.rowBegin, begin + block.rowEnd);
      countVector(matrix, block, part, tally);
    }
  return {
    clipped_inputs_frac: tally.clippedInputs / tally.inputs,
    clipped_outputs_frac: sliced ? null : tally.clippedOutputs / tally.outputs,
    adc_step_frac: sliced ? null : Math.sqrt(tally.steps / tally.outputs) / rms,
  };
}

function countVector(
  { periphery }: AnalogMatrix,
  block: AnalogBlock,
  x: Float32Array,
  tally: Tally,
): void {
  const { inputLevels, outputLevels, outputBound } = periphery;
  const largest = x.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
  const range = block.inputRange > 0 ? block.inputRange : largest;
  tally.inputs += x.length;
  tally.outputs += block.scale.length;
  if (range === 0) return;
  const v = x.map((value) => {
    if (Math.abs(value) > range) tally.clippedInputs++;
    const share = Math.min(Math.max(value / range, -1), 1);
    return inputLevels > 0 ? codeOf(share * inputLevels, inputLevels) / inputLevels : share;
  });
  for (let c = 0; c < block.scale.length; c++) {
    let sum = 0;
    for (let k = 0; k < v.length; k++) sum += v[k]! * block.weights[c * v.length + k]!;
    if (outputBound > 0 && Math.abs(sum) > outputBound) tally.clippedOutputs++;
    if (outputLevels > 0)
      tally.steps += ((outputBound / outputLevels) * range * block.scale[c]!) ** 2;
  }
}

/** From weights to what the crossbars hold: scaling, programming, ageing, drift compensation. */
import type { AnalogNumerics } from "../model/arch.ts";
import { InputError } from "../model/issue.ts";
import { matrixLabel, type WeightMatrix } from "../model/matrix.ts";
import { type Compensation, driftFactors } from "./compensation.ts";
import { deviceModel } from "./devices/index.ts";
import type { AnalogBlock, AnalogMatrix, Periphery } from "./engine.ts";
import { requireFinite } from "./finite.ts";
import { levelsOfBits } from "./quantise.ts";
import { type BlockRange, inOrder, requireCover, rowRanges } from "./ranges.ts";
import { scaleBlock } from "./scaling.ts";
import { createColumnWriter } from "./write-column.ts";

export interface ProgramRequest {
  /** [outputs][inputs] */
  readonly weights: Float32Array;
  readonly matrix: WeightMatrix;
  /** Cover every weight exactly once; in any order. */
  readonly blocks: readonly BlockRange[];
  readonly numerics: AnalogNumerics;
  /** Resolution of DAC and ADC, 2 to 16; 0: no rounding. */
  readonly inputBits: number;
  readonly outputBits: number;
  /** Full scale of the inputs, one a row range in the order of `rowRanges(blocks)`; `null`: dynamic. */
  readonly inputRanges: ArrayLike<number> | null;
  readonly seed: number;
  /** Multiplies the programming noise: `c` of arXiv 2603.02633. */
  readonly noise_scale: number;
  /**
   * 0: right after programming, with programming noise only. > 0: drift and 1/f read noise of that
   * age are in the conductances, frozen; how age counts is the device model's to say.
   */
  readonly age_s: number;
}

/**
 * Programs a matrix into its crossbars and reads it back at an age.
 *
 * Each device's random numbers are addressed by its place in the *matrix*, so they depend neither
 * on the tiling nor on the order of blocks. An all-zero column has scale 1.
 *
 * @throws Error if a weight is not finite, or if the blocks do not cover the matrix once
 * @throws InputError if the device model has no data for the age
 */
export function programMatrix(request: ProgramRequest): AnalogMatrix {
  const { weights, matrix, numerics } = request;
  if (weights.length !== matrix.outputs * matrix.inputs)
    throw new Error(`${matrixLabel(matrix)}: ${weights.length} weights`);
  requireFinite(weights, `${matrixLabel(matrix)}: weight`, matrix.inputs);
  requireCover(request.blocks, matrix);
  const blocks = inOrder(request.blocks);
  const ranges = rangeOf(request);
  const held = writeBlocks(request, blocks);
  return {
    inputs: matrix.inputs,
    outputs: matrix.outputs,
    blocks: blocks.map((block, i) => ({
      ...corners(block),
      weights: held[i]!.weights,
      scale: held[i]!.scale,
      inputRange: ranges(block),
    })),
    periphery: peripheryOf(numerics, request.inputBits, request.outputBits),
    seed: request.seed,
    matrix: matrix.id,
  };
}

/** The converter side of a crossbar, from its arch description. */
export function peripheryOf(
  numerics: AnalogNumerics,
  inputBits: number,
  outputBits: number,
): Periphery {
  return {
    inputLevels: levelsOf(inputBits, "/tiles/*/input/bits"),
    outputLevels: levelsOf(outputBits, "/tiles/*/output/bits"),
    outputBound: numerics.output_bound,
    outputNoise: numerics.output_noise.std,
    readNoise: numerics.read_noise?.std ?? 0,
    irDrop: numerics.ir_drop?.scale ?? 0,
    irDropConductanceRatio: numerics.ir_drop?.conductance_ratio ?? 1,
  };
}

function levelsOf(bits: number, pointer: string): number {
  if (bits === 0) return 0;
  if (bits === 1)
    throw new InputError("arch", [
      {
        pointer,
        found: "1",
        allowed: ">= 2 where numerics are evaluated: signed codes need a sign and a level",
      },
    ]);
  return levelsOfBits(bits);
}

type HeldBlock = Pick<AnalogBlock, "weights" | "scale">;

/** Writes every weight column by column, each column in all the blocks that hold a part of it. */
function writeBlocks(request: ProgramRequest, blocks: readonly BlockRange[]): readonly HeldBlock[] {
  const { weights, matrix, numerics, seed, age_s } = request;
  if (!(age_s >= 0 && age_s < Infinity)) throw new Error(`age ${age_s} s`);
  const device = deviceModel(numerics.devices, request.noise_scale);
  const omega = numerics.weight_omega;
  const held = blocks.map((block) =>
    scaleBlock(weights, matrix.inputs, block, numerics.weight_scaling, omega),
  );
  if (device.exact) return held;
  const address = { seed, matrix: matrix.id };
  const writer = createColumnWriter(device, matrix.inputs, omega, address, age_s);
  const compensation: Compensation =
    age_s > 0 && device.ageing !== null ? numerics.drift_compensation : "none";
  const programmed = held.map((h) =>
    compensation === "none" ? null : new Float32Array(h.weights.length),
  );
  for (let output = 0; output < matrix.outputs; output++) {
    writer.draw(output);
    for (let b = 0; b < blocks.length; b++) {
      const { rowBegin, rowEnd, colBegin, colEnd } = blocks[b]!;
      if (output < colBegin || output >= colEnd) continue;
      const at = (output - colBegin) * (rowEnd - rowBegin);
      writer.write(held[b]!.weights, at, rowBegin, rowEnd, programmed[b]!);
    }
  }
  for (let b = 0; b < blocks.length; b++) {
    const before = programmed[b];
    if (before == null) continue;
    const cols = held[b]!.scale.length;
    const factors = driftFactors(before, held[b]!.weights, cols, compensation);
    for (let c = 0; c < cols; c++) held[b]!.scale[c]! *= factors[c]!;
  }
  return held;
}

function rangeOf({ blocks, inputRanges }: ProgramRequest): (block: BlockRange) => number {
  if (inputRanges === null) return () => 0;
  const rows = rowRanges(blocks);
  if (inputRanges.length !== rows.length)
    throw new Error(`${inputRanges.length} input ranges for ${rows.length} row ranges`);
  return ({ rowBegin, rowEnd }) =>
    inputRanges[rows.findIndex((r) => r.rowBegin === rowBegin && r.rowEnd === rowEnd)]!;
}

function corners({ rowBegin, rowEnd, colBegin, colEnd }: BlockRange): BlockRange {
  return { rowBegin, rowEnd, colBegin, colEnd };
}

/** From weights to what the crossbars hold: scaling, programming, ageing, drift compensation. */
import type { AnalogNumerics } from "../model/analog-numerics.ts";
import { InputError } from "../model/issue.ts";
import { matrixLabel, type WeightMatrix } from "../model/matrix.ts";
import { deviceModel } from "./devices/index.ts";
import type { AnalogMatrix, Periphery } from "./engine.ts";
import type { StuckFaults } from "./faults.ts";
import { requireFinite } from "./finite.ts";
import { levelsOfBits } from "./quantise.ts";
import { type BlockRange, inOrder, requireCover, rowRanges } from "./ranges.ts";
import { scaleBlock } from "./scaling.ts";
import { type WriteOptions, writeBlocks } from "./write-blocks.ts";
import type { FillNormals, WritePairs } from "./write-column.ts";

/** Weights over several cells, inputs in several reads: `slicing.ts`. */
export interface Slicing {
  /** Cells of a weight. */
  readonly slices: number;
  /** Bits of a cell, sign apart; left out: analog weights, which then need one slice. */
  readonly cell_bits?: number;
  /** Bits of an input that are applied in one read; sign apart. */
  readonly bits_per_phase: number;
  /** The ADC has a code for every possible sum of digits. */
  readonly lossless?: boolean;
}

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
  /** Conductance levels of a device, 2^(cell bits); left out: any conductance. */
  readonly levels?: number;
  readonly faults?: StuckFaults;
  /** Weights over several cells, inputs in several reads: for `createTileProjection`. */
  readonly slicing?: Slicing;
  /** Faster equals of what is here in TypeScript, if an engine has them. */
  readonly fillNormals?: FillNormals;
  readonly writePairs?: WritePairs;
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
  const held = writeBlocks(
    blocks.map((block) => ({
      ...block,
      ...scaleBlock(weights, matrix.inputs, block, numerics.weight_scaling, numerics.weight_omega),
    })),
    matrix,
    deviceModel(numerics.devices, request.noise_scale),
    writeOptions(request),
  );
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

/** What the writing of blocks needs of a request. */
export function writeOptions(request: ProgramRequest): WriteOptions {
  const { numerics, levels, faults, fillNormals, writePairs } = request;
  return {
    omega: numerics.weight_omega,
    compensation: numerics.drift_compensation,
    address: { seed: request.seed, matrix: request.matrix.id },
    age_s: request.age_s,
    ...(levels !== undefined && { levels }),
    ...(faults && { faults }),
    ...(numerics.pairs && { pairs: numerics.pairs.significance_ratio }),
    ...(fillNormals && { fillNormals }),
    ...(writePairs && { writePairs }),
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

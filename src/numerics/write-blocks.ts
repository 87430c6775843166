/** Writes a matrix into the devices of its blocks, and lets them age. */
import { type Compensation, driftFactors } from "./compensation.ts";
import type { DeviceModel } from "./devices/device.ts";
import type { StuckFaults } from "./faults.ts";
import type { BlockRange } from "./ranges.ts";
import {
  type ColumnOptions,
  type ColumnWriter,
  createColumnWriter,
  type FillNormals,
  type WritePairs,
} from "./write-column.ts";
import { createPairsWriter } from "./write-pairs.ts";

/** A block with its normalised weights [cols][rows], and what 1 stands for, [cols]. */
export interface HeldBlock extends BlockRange {
  readonly weights: Float32Array;
  readonly scale: Float32Array;
}

export interface WriteOptions {
  /** Normalised weight that takes the largest conductance, > 0. */
  readonly omega: number;
  readonly compensation: Compensation;
  readonly address: { readonly seed: number; readonly matrix: number };
  /** >= 0; 0: right after programming. */
  readonly age_s: number;
  /** Conductance levels of a device; left out: any conductance. */
  readonly levels?: number;
  readonly faults?: StuckFaults;
  /** Significance of each differential pair of a weight, lowest first; left out: one pair. */
  readonly pairs?: readonly number[];
  readonly fillNormals?: FillNormals;
  readonly writePairs?: WritePairs;
}

/**
 * Replaces the weights of blocks by what the devices hold, and their scales by those with drift
 * compensation; in place.
 *
 * Goes through the matrix output by output, so that the random numbers of a device are those of
 * its place in the matrix, whatever the blocks.
 *
 * @throws Error if the age is not finite or negative
 */
export function writeBlocks(
  blocks: readonly HeldBlock[],
  { outputs, inputs }: { readonly outputs: number; readonly inputs: number },
  device: DeviceModel,
  options: WriteOptions,
): readonly HeldBlock[] {
  const { age_s } = options;
  if (!(age_s >= 0 && age_s < Infinity)) throw new Error(`age ${age_s} s`);
  if (device.exact && options.levels === undefined && options.faults === undefined) return blocks;
  const writer = createWriter(device, inputs, options);
  const ages = age_s > 0 && device.ageing !== null;
  const compensated = ages && options.compensation !== "none" ? blocks : [];
  const before = compensated.map((block) => new Float32Array(block.weights.length));
  const column = new Float32Array(inputs);
  const programmed = new Float32Array(inputs);
  for (let output = 0; output < outputs; output++) {
    const own = blocks.filter((block) => output >= block.colBegin && output < block.colEnd);
    for (const block of own)
      column.set(block.weights.subarray(...placeOf(block, output)), block.rowBegin);
    writer.write(output, column, programmed);
    for (const block of own) scatter(column, block.weights, block, output);
    compensated.forEach((block, b) => {
      if (own.includes(block)) scatter(programmed, before[b]!, block, output);
    });
  }
  compensated.forEach(({ weights, scale }, b) => {
    const factors = driftFactors(before[b]!, weights, scale.length, options.compensation);
    for (let c = 0; c < scale.length; c++) scale[c] = scale[c]! * factors[c]!;
  });
  return blocks;
}

/** Where a block holds the weights of an output. */
function placeOf(block: BlockRange, output: number): readonly [number, number] {
  const rows = block.rowEnd - block.rowBegin;
  const begin = (output - block.colBegin) * rows;
  return [begin, begin + rows];
}

/** A block's part of a column into its place in the block's weights. */
function scatter(
  column: Float32Array,
  weights: Float32Array,
  block: BlockRange,
  output: number,
): void {
  weights.set(column.subarray(block.rowBegin, block.rowEnd), placeOf(block, output)[0]);
}

function createWriter(device: DeviceModel, inputs: number, options: WriteOptions): ColumnWriter {
  const { address, pairs, ...rest } = options;
  const writerOf = (pair: number): ColumnWriter => {
    const columnOptions: ColumnOptions = { ...rest, address: { ...address, pair } };
    return createColumnWriter(device, inputs, columnOptions);
  };
  if (pairs === undefined) return writerOf(0);
  return createPairsWriter(
    pairs,
    options.omega,
    pairs.map((_, pair) => writerOf(pair)),
  );
}

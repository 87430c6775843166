/** Writes a matrix into the devices of its blocks, and lets them age. */
import { type Compensation, driftFactors } from "./compensation.ts";
import type { DeviceModel } from "./devices/device.ts";
import type { StuckFaults } from "./faults.ts";
import type { BlockRange } from "./ranges.ts";
import { createColumnWriter, type FillNormals } from "./write-column.ts";

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
  readonly fillNormals?: FillNormals;
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
  const writer = createColumnWriter(device, inputs, options);
  const compensated =
    age_s > 0 && device.ageing !== null && options.compensation !== "none" ? blocks : [];
  const programmed = compensated.map((block) => new Float32Array(block.weights.length));
  for (let output = 0; output < outputs; output++) {
    writer.draw(output);
    for (let b = 0; b < blocks.length; b++) {
      const { weights, rowBegin, rowEnd, colBegin, colEnd } = blocks[b]!;
      if (output < colBegin || output >= colEnd) continue;
      const at = (output - colBegin) * (rowEnd - rowBegin);
      writer.write(weights, at, rowBegin, rowEnd, programmed[b] ?? null);
    }
  }
  compensated.forEach(({ weights, scale }, b) => {
    const factors = driftFactors(programmed[b]!, weights, scale.length, options.compensation);
    for (let c = 0; c < scale.length; c++) scale[c] = scale[c]! * factors[c]!;
  });
  return blocks;
}

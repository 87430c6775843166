/** A linear layer on crossbars with the full periphery: tiles, scales, partial sums, bias. */
import { clip } from "../quantise.ts";
import type { HeldBlock } from "../write-blocks.ts";
import { createAnalogForward } from "./forward.ts";
import type { IoParameters } from "./io-parameters.ts";

const f32 = Math.fround;

export interface LayerOptions {
  readonly io: IoParameters;
  readonly address: { readonly seed: number; readonly matrix: number };
  /** Full scale of the inputs of every tile; left out: as noise management has it. */
  readonly inputRange?: number;
  /** Learned digital factors. [outputs] */
  readonly outScales?: ArrayLike<number>;
  /** Added digitally, once. [outputs] */
  readonly bias?: ArrayLike<number>;
}

/** @param x [inputs] @param row address of the vector's noise @returns [outputs] */
export type LayerRead = (x: Float32Array, row: number) => Float32Array;

/**
 * Each tile scales, converts and adds noise on its own; the digital side multiplies by the tile's
 * scale (and input range), sums tiles of the same outputs in float32 in their order, and applies
 * learned scales and bias.
 *
 * @source AIHWKIT, tile arrays and mapping; input range of InferenceRPUConfig.
 */
export function createLayer(
  tiles: readonly HeldBlock[],
  outputs: number,
  options: LayerOptions,
): LayerRead {
  const { io, address, inputRange, outScales, bias } = options;
  const range = inputRange === undefined ? 1 : Math.abs(inputRange);
  if (!(range > 0 && range < Infinity)) throw new Error(`input range ${inputRange}`);
  const reads = tiles.map((tile, block) => {
    const forward = createAnalogForward(io, {
      weights: tile.weights,
      outputs: tile.colEnd - tile.colBegin,
      inputs: tile.rowEnd - tile.rowBegin,
      address: { ...address, block },
    });
    return { tile, forward };
  });
  const ranged = (x: Float32Array): Float32Array =>
    inputRange === undefined ? x : x.map((value) => clip(value, range) / range);
  return (x, row) => {
    const sums = new Float32Array(outputs);
    for (const { tile, forward } of reads) {
      const { y } = forward.read(ranged(x.subarray(tile.rowBegin, tile.rowEnd)), row);
      for (let c = 0; c < y.length; c++) {
        const o = tile.colBegin + c;
        sums[o] = sums[o]! + f32(y[c]! * f32(range * tile.scale[c]!)) * (outScales?.[o] ?? 1);
      }
    }
    return bias === undefined ? sums : sums.map((sum, o) => sum + bias[o]!);
  };
}

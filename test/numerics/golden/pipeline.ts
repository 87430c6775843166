/** Program, age, compensate, read: the pipeline of files 16 and 20. */
import { driftFactors } from "../../../src/numerics/compensation.ts";
import type { DeviceModel } from "../../../src/numerics/devices/device.ts";
import { createAnalogForward } from "../../../src/numerics/periphery/forward.ts";
import type { IoParameters } from "../../../src/numerics/periphery/io-parameters.ts";
import { type HeldBlock, writeBlocks } from "../../../src/numerics/write-blocks.ts";
import type { Case, Matrix } from "./golden.ts";
import { tilesOf } from "./layer.ts";

/** The reference's call at age 0 has read noise but no drift; ours at age 0 is as programmed. */
export const AGE_ZERO_WITH_READ_S = 1e-12;

export const ageOf = (text: string): number => Number(text) || AGE_ZERO_WITH_READ_S;

/** The only tile of a layer as its devices hold it, without compensation. */
export function heldAt(
  w: Matrix,
  mapping: Case,
  device: DeviceModel,
  age_s: number,
  seed = 1,
): HeldBlock {
  const tiles = tilesOf(w, mapping);
  const address = { seed, matrix: 0 };
  const options = { omega: 1, compensation: "none", address, age_s } as const;
  return writeBlocks(tiles, { outputs: w.rows, inputs: w.cols }, device, options)[0]!;
}

/** What a tile answers to every one-hot input, through its converters. [cols][rows] */
function oneHotReads(tile: HeldBlock, io: IoParameters): Float32Array {
  const outputs = tile.colEnd;
  const inputs = tile.rowEnd;
  const address = { seed: 5, matrix: 0, block: 0 };
  const { read } = createAnalogForward(io, { weights: tile.weights, outputs, inputs, address });
  const answers = new Float32Array(outputs * inputs);
  for (let k = 0; k < inputs; k++) {
    const x = new Float32Array(inputs);
    x[k] = 1;
    const { y } = read(x, k);
    for (let o = 0; o < outputs; o++) answers[o * inputs + k] = y[o]!;
  }
  return answers;
}

/** Compensation as the reference measures it: one-hot inputs through the tile's own converters. */
export function factorsThrough(
  io: IoParameters,
  before: HeldBlock,
  now: HeldBlock,
  kind: "global" | "column",
): Float64Array {
  const cols = now.scale.length;
  return driftFactors(oneHotReads(before, io), oneHotReads(now, io), cols, kind);
}

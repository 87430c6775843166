/** Programming of device pairs on the kernels. */
import { type NoiseAddress, philoxKey, philoxStream } from "../../random/philox.ts";
import { PAIR_CONSTANTS } from "../devices/pair-statistics.ts";
import { PAIR_PURPOSES, type WritePairs } from "../write-column.ts";
import type { WasmContext } from "./wasm-digital.ts";
import { roundUp } from "./wasm-memory.ts";

/** Normals drawn per call of the kernel, and copied out while they are in the cache. */
const DRAW = 4096;

/** The same numbers as `fillNormals` of `random/philox.ts`, about fifteen times as fast. */
export function fillNormalsWasm(
  { kernels, arena }: WasmContext,
  out: Float32Array,
  address: NoiseAddress,
): void {
  const [key0, key1] = philoxKey(address.seed);
  const stream = philoxStream(address);
  for (let begin = 0; begin < out.length; begin += DRAW) {
    const count = Math.min(DRAW, out.length - begin);
    const at = arena.scratch(4 * roundUp(count, 32));
    kernels.normals(at, begin, count, address.row, address.matrix, stream, key0, key1);
    out.set(arena.floats().subarray(at / 4, at / 4 + count), begin);
  }
}

/** Draws and writes a column without leaving the module's memory. */
export function createWritePairs({ kernels, arena }: WasmContext): WritePairs {
  return (constants, { seed, matrix, pair }, output, column, programmed) => {
    const n = column.length;
    const ages = programmed !== null;
    const stride_B = 4 * roundUp(n, 32);
    const purposes = ages ? PAIR_PURPOSES : PAIR_PURPOSES.slice(0, 2);
    const at = arena.scratch(4 * PAIR_CONSTANTS + (2 + purposes.length) * stride_B);
    const weights = at + 4 * PAIR_CONSTANTS;
    const before = weights + stride_B;
    const normals = before + stride_B;
    const floats = arena.floats();
    floats.set(constants, at / 4);
    floats.set(column, weights / 4);
    const [key0, key1] = philoxKey(seed);
    purposes.forEach((purpose, i) => {
      const stream = philoxStream({ block: pair, purpose });
      kernels.normals(normals + i * stride_B, 0, n, output, matrix, stream, key0, key1);
    });
    kernels.programPairs(at, n, weights, before, normals, stride_B, ages);
    column.set(floats.subarray(weights / 4, weights / 4 + n));
    programmed?.set(floats.subarray(before / 4, before / 4 + n));
  };
}

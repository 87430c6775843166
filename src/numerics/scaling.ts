/** Weights to full scale: which factor takes the largest weight of a group to omega. */
import type { BlockRange } from "./ranges.ts";

/** Which weights share one scale: those of a column of the block, or all of it; or it is 1. */
export type WeightScaling = "column" | "tile" | "none";

/**
 * Cuts a block out of a matrix and scales it.
 *
 * alpha = max |w| / omega of the group, 1 if the group is all zero; the block holds w / alpha.
 *
 * @param weights [outputs][inputs]
 * @param omega where the largest weight is put, > 0
 * @returns weights [cols][rows], and scale [cols] = alpha
 * @source AIHWKIT, weight_scaling_omega and weight_scaling_columnwise.
 */
export function scaleBlock(
  weights: Float32Array,
  inputs: number,
  block: BlockRange,
  scaling: WeightScaling,
  omega: number,
): { readonly weights: Float32Array; readonly scale: Float32Array } {
  const rows = block.rowEnd - block.rowBegin;
  const cols = block.colEnd - block.colBegin;
  const cut = new Float32Array(rows * cols);
  for (let c = 0; c < cols; c++) {
    const begin = (block.colBegin + c) * inputs + block.rowBegin;
    cut.set(weights.subarray(begin, begin + rows), c * rows);
  }
  const scale = scalesOf(cut, cols, scaling, omega);
  for (let c = 0; c < cols; c++)
    for (let k = c * rows; k < (c + 1) * rows; k++) cut[k] = cut[k]! / scale[c]!;
  return { weights: cut, scale };
}

/** alpha per column. @param weights [cols][rows] */
export function scalesOf(
  weights: Float32Array,
  cols: number,
  scaling: WeightScaling,
  omega: number,
): Float32Array {
  const rows = weights.length / cols;
  const scale = new Float32Array(cols).fill(1);
  if (scaling === "none") return scale;
  for (let c = 0; c < cols; c++) scale[c] = largest(weights.subarray(c * rows, (c + 1) * rows));
  if (scaling === "tile") scale.fill(largest(scale));
  // A group whose scale would vanish in float32 is as good as zero: it keeps scale 1.
  return scale.map((max) => (max / omega < 2 ** -126 ? 1 : max / omega));
}

function largest(values: Float32Array): number {
  let max = 0;
  for (let i = 0; i < values.length; i++) max = Math.max(max, Math.abs(values[i]!));
  return max;
}

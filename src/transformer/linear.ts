import type { Linear } from "./decoder.ts";
import type { Hooks } from "./hooks.ts";

/**
 * y = W x for every row, however the matrix is computed; observers see the inputs.
 *
 * The arrays may be longer than needed.
 */
export function applyLinear(
  { matrix, projection }: Linear,
  x: Float32Array,
  rows: number,
  rowIds: Uint32Array,
  y: Float32Array,
  hooks: Hooks,
): void {
  if (rows === 0) return;
  const used = x.subarray(0, rows * matrix.inputs);
  hooks.onInputs?.(matrix, used, rows);
  projection.apply(used, rows, rowIds.subarray(0, rows), y.subarray(0, rows * matrix.outputs));
}

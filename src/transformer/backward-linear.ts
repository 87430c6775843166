import type { WeightMatrix } from "../model/matrix.ts";
import type { ReverseTools } from "./backward-tools.ts";

/**
 * dx = W^T dy for every row; observers see the product.
 *
 * The arrays may be longer than needed.
 *
 * @param x what went into the product on the way forward
 */
export function reverseLinear(
  matrix: WeightMatrix,
  x: Float32Array,
  dy: Float32Array,
  rows: number,
  rowIds: Uint32Array,
  dx: Float32Array,
  { transposed, convertInputs, hooks }: ReverseTools,
): void {
  if (rows === 0) return;
  const usedIds = rowIds.subarray(0, rows);
  const usedDy = dy.subarray(0, rows * matrix.outputs);
  const usedDx = dx.subarray(0, rows * matrix.inputs);
  transposed(matrix).apply(usedDy, rows, usedIds, usedDx);
  const usedX = x.subarray(0, rows * matrix.inputs);
  const product = { matrix, rows, rowIds: usedIds, x: usedX, dy: usedDy, dx: usedDx };
  convertInputs?.(product);
  hooks.onProduct?.(product);
}

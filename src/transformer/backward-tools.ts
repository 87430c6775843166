/** What the reverse pass computes with, and who may watch it. */
import type { WeightMatrix } from "../model/matrix.ts";
import type { Projection } from "../numerics/engine.ts";
import type { DisposableProjection } from "../numerics/engines/reusable.ts";

/**
 * out[i][j] = sum over k of a[i][k] b[j][k].
 *
 * @param a [rows][length]
 * @param b [columns][length]
 * @param out [rows][columns], overwritten
 */
export type Multiply = (
  a: Float32Array,
  rows: number,
  b: Float32Array,
  columns: number,
  length: number,
  out: Float32Array,
) => void;

/**
 * One product y = W x of a batch, on the way back. Arrays are views that hold only during the call.
 *
 * L is what is differentiated: the log-likelihood of the labels, summed over the batch.
 */
export interface ReversedProduct {
  readonly matrix: WeightMatrix;
  readonly rows: number;
  /** [rows] numbers of the tokens in the whole text */
  readonly rowIds: Uint32Array;
  /** [rows][inputs] */
  readonly x: Float32Array;
  /** dL/dy. [rows][outputs] */
  readonly dy: Float32Array;
  /** The part of dL/dx that goes through this product, W^T dy. [rows][inputs] */
  readonly dx: Float32Array;
}

/** An RMSNorm of a layer. */
export type NormName = "input" | "post-attention" | "q" | "k" | "final";

/** What an observer of a reverse pass may ask to see. */
export interface ReverseHooks {
  /**
   * Every product once, but the LM head, which comes in several parts of the rows.
   *
   * dL/dW of the batch is the sum over its calls of dy^T x.
   */
  readonly onProduct?: (product: ReversedProduct) => void;
  /**
   * dL/d(weights of a norm), summed over the batch; the final norm, whose layer is -1, comes in
   * several parts of the rows.
   */
  readonly onNorm?: (norm: NormName, layer: number, gradient: Float64Array) => void;
}

export interface ReverseTools {
  /** x = W^T y of a matrix, [outputs] -> [inputs]. */
  readonly transposed: (matrix: WeightMatrix) => Projection;
  /**
   * What stands before a product, a converter that clips its inputs say: may change `dx` in place,
   * before anything else sees it. Left out: nothing does.
   */
  readonly convertInputs?: (product: ReversedProduct) => void;
  readonly multiply: Multiply;
  readonly hooks: ReverseHooks;
}

/** Lengths are padded to a multiple of this, so that few sizes of memory are asked for. */
const LENGTH_STEP = 16;

/** Products of any two matrices on an engine: one of them is packed, used once, and let go of. */
export function multiplyOn(
  digital: (weights: Float32Array, outputs: number, inputs: number) => DisposableProjection,
): Multiply {
  let left = new Float32Array(0);
  let right = new Float32Array(0);
  let rowIds = new Uint32Array(0);
  return (a, rows, b, columns, length, out) => {
    const padded = Math.ceil(length / LENGTH_STEP) * LENGTH_STEP;
    if (left.length < rows * padded) left = new Float32Array(rows * padded);
    if (right.length < columns * padded) right = new Float32Array(columns * padded);
    if (rowIds.length < rows) rowIds = new Uint32Array(rows);
    const x = pad(a, rows, length, padded, left);
    const projection = digital(pad(b, columns, length, padded, right), columns, padded);
    projection.apply(x, rows, rowIds.subarray(0, rows), out.subarray(0, rows * columns));
    projection.dispose();
  };
}

/** Rows with zeros after them; the array itself where there is nothing to add. */
function pad(
  from: Float32Array,
  rows: number,
  length: number,
  padded: number,
  to: Float32Array,
): Float32Array {
  if (padded === length) return from.subarray(0, rows * length);
  for (let row = 0; row < rows; row++) {
    to.set(from.subarray(row * length, (row + 1) * length), row * padded);
    to.fill(0, row * padded + length, (row + 1) * padded);
  }
  return to.subarray(0, rows * padded);
}

/** to[c][r] = from[r][c]; @param from [rows][columns] */
export function transpose(
  from: Float32Array,
  rows: number,
  columns: number,
  to: Float32Array,
): void {
  for (let c = 0; c < columns; c++)
    for (let r = 0, at = c; r < rows; r++, at += columns) to[c * rows + r] = from[at]!;
}

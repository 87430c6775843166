/** The crossbars of one row range of a product, side by side, as one step reads them. */
import * as tf from "@tensorflow/tfjs-core";
import type { AnalogBlock, AnalogMatrix } from "../numerics/engine.ts";
import { placeWeight } from "../numerics/periphery/ir-drop.ts";
import { rowRanges } from "../numerics/ranges.ts";

export interface RowSlice {
  readonly rowBegin: number;
  readonly rowEnd: number;
  /** Normalised weights with the noise of the step, [outputs][rows]. */
  readonly weights: tf.Tensor2D;
  /** The same, [rows][outputs]. */
  readonly transposed: tf.Tensor2D;
  /** What a normalised weight of 1 stands for, [outputs]; as a tensor and as numbers. */
  readonly scale: tf.Tensor1D;
  readonly scales: Float32Array;
  /** |weights|, [rows][outputs]; null: nothing needs them. */
  readonly absolute: tf.Tensor2D | null;
  /** Weights times the share of the wire they lie on, [rows][outputs]; null: no IR drop. */
  readonly placed: tf.Tensor2D | null;
}

/** @returns slices by rising rows; tensors live until `disposeSlices` */
export function rowSlices(matrix: AnalogMatrix): readonly RowSlice[] {
  return rowRanges(matrix.blocks).map((range) => {
    const blocks = matrix.blocks.filter(
      ({ rowBegin, rowEnd }) => rowBegin === range.rowBegin && rowEnd === range.rowEnd,
    );
    return joined(matrix, blocks);
  });
}

export function disposeSlices(slices: readonly RowSlice[]): void {
  for (const { weights, transposed, scale, absolute, placed } of slices)
    tf.dispose([weights, transposed, scale, absolute, placed].filter((tensor) => tensor !== null));
}

function joined({ outputs, periphery }: AnalogMatrix, blocks: readonly AnalogBlock[]): RowSlice {
  const { rowBegin, rowEnd } = blocks[0]!;
  const rows = rowEnd - rowBegin;
  const held = new Float32Array(outputs * rows);
  const scales = new Float32Array(outputs);
  for (const { colBegin, weights, scale } of blocks) {
    held.set(weights, colBegin * rows);
    scales.set(scale, colBegin);
  }
  const turned = transposed(held, outputs, rows);
  const { irDrop, readNoise } = periphery;
  const matrixOf = (values: Float32Array): tf.Tensor2D => tf.tensor2d(values, [rows, outputs]);
  return {
    ...{ rowBegin, rowEnd, scales },
    weights: tf.tensor2d(held, [outputs, rows]),
    transposed: matrixOf(turned),
    scale: tf.tensor1d(scales),
    absolute: irDrop > 0 || readNoise > 0 ? matrixOf(turned.map(Math.abs)) : null,
    placed: irDrop > 0 ? matrixOf(byPlace(turned, outputs, rows)) : null,
  };
}

/** [outputs][rows] -> [rows][outputs] */
function transposed(held: Float32Array, outputs: number, rows: number): Float32Array {
  const out = new Float32Array(held.length);
  for (let o = 0; o < outputs; o++)
    for (let k = 0; k < rows; k++) out[k * outputs + o] = held[o * rows + k]!;
  return out;
}

function byPlace(turned: Float32Array, outputs: number, rows: number): Float32Array {
  const out = turned.slice();
  for (let k = 0; k < rows; k++) {
    const place = placeWeight(k, rows);
    for (let i = k * outputs; i < (k + 1) * outputs; i++) out[i] = out[i]! * place;
  }
  return out;
}

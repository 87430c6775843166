/** Row-wise operations with gradients: layer normalisation and means. */
import type * as tf from "@tensorflow/tfjs-core";
import { emptyMatrix, viewOf } from "./tensors.ts";
import { withGradient } from "./with-gradient.ts";

const EPSILON = 1e-5;

/**
 * Each row less its mean, over its standard deviation.
 *
 * @source Ba et al., "Layer normalization", arXiv 1607.06450; gain and shift come after it.
 */
export function normaliseRows(x: tf.Tensor2D): tf.Tensor2D {
  const [rows, cols] = x.shape;
  const inverseStd = new Float32Array(rows);
  return withGradient([x], {
    forward: ([input], save) => {
      const y = emptyMatrix(rows, cols);
      const [from, to] = [viewOf(input!), viewOf(y)];
      for (let row = 0; row < rows; row++) inverseStd[row] = normalise(from, to, row * cols, cols);
      save([y]);
      return y;
    },
    backward: (dy, [y]) => {
      const dx = emptyMatrix(rows, cols);
      const [out, g, values] = [viewOf(dx), viewOf(dy), viewOf(y!)];
      for (let row = 0; row < rows; row++) {
        const at = row * cols;
        let [mean, along] = [0, 0];
        for (let c = at; c < at + cols; c++) {
          mean += g[c]!;
          along += g[c]! * values[c]!;
        }
        mean /= cols;
        along /= cols;
        for (let c = at; c < at + cols; c++)
          out[c] = inverseStd[row]! * (g[c]! - mean - along * values[c]!);
      }
      return [dx];
    },
  });
}

/** One row. @returns what it was multiplied by */
function normalise(x: Float32Array, y: Float32Array, at: number, cols: number): number {
  let sum = 0;
  for (let c = at; c < at + cols; c++) sum += x[c]!;
  const mean = sum / cols;
  let squares = 0;
  for (let c = at; c < at + cols; c++) {
    const centred = x[c]! - mean;
    squares += centred * centred;
  }
  const inverse = 1 / Math.sqrt(squares / cols + EPSILON);
  for (let c = at; c < at + cols; c++) y[c] = (x[c]! - mean) * inverse;
  return inverse;
}

/** Means of groups of rows: [groups * size][cols] -> [groups][cols]. */
export function meanOfGroups(x: tf.Tensor2D, size: number): tf.Tensor2D {
  const [rows, cols] = x.shape;
  return withGradient([x], {
    forward: ([input]) => {
      const y = emptyMatrix(rows / size, cols);
      const [from, to] = [viewOf(input!), viewOf(y)];
      to.fill(0);
      for (let row = 0; row < rows; row++) {
        const at = Math.floor(row / size) * cols;
        for (let c = 0; c < cols; c++) to[at + c] = to[at + c]! + from[row * cols + c]! / size;
      }
      return y;
    },
    backward: (dy) => {
      const dx = emptyMatrix(rows, cols);
      const [to, g] = [viewOf(dx), viewOf(dy)];
      for (let row = 0; row < rows; row++) {
        const at = Math.floor(row / size) * cols;
        for (let c = 0; c < cols; c++) to[row * cols + c] = g[at + c]! / size;
      }
      return [dx];
    },
  });
}

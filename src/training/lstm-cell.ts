/**
 * An LSTM cell as three operations: a dozen small ones of the library each cost more than the
 * numbers in them.
 *
 * @source Hochreiter and Schmidhuber, Neural Computation 9, 1735 (1997), with forget gates.
 */
import * as tf from "@tensorflow/tfjs-core";
import { emptyMatrix, viewOf } from "./tensors.ts";
import { withGradient } from "./with-gradient.ts";

/**
 * Gates after their nonlinearities: sigmoid(i), sigmoid(f), tanh(g), sigmoid(o).
 *
 * tanh(x) = 2 sigmoid(2 x) - 1, because the library's sigmoid is fifteen times as fast as its tanh.
 *
 * @param gates [rows][4 hidden]
 */
export function openGates(gates: tf.Tensor2D): tf.Tensor2D {
  const [rows, cols] = gates.shape;
  const hidden = cols / 4;
  return withGradient([gates], {
    forward: ([input], save) => {
      const opened = tf.sigmoid(tf.mul(input!, gateFactors(hidden)));
      const values = viewOf(opened);
      for (let row = 0; row < rows; row++) {
        const begin = row * cols + 2 * hidden;
        for (let k = begin; k < begin + hidden; k++) values[k] = 2 * values[k]! - 1;
      }
      save([opened]);
      return opened;
    },
    backward: (dy, [opened]) => {
      const dx = emptyMatrix(rows, cols);
      const [to, d, y] = [viewOf(dx), viewOf(dy), viewOf(opened!)];
      for (let i = 0; i < to.length; i++) to[i] = d[i]! * y[i]! * (1 - y[i]!);
      for (let row = 0; row < rows; row++) {
        const begin = row * cols + 2 * hidden;
        for (let k = begin; k < begin + hidden; k++) to[k] = d[k]! * (1 - y[k]! * y[k]!);
      }
      return [dx];
    },
  });
}

/** 2 for the gate with a tanh, 1 for the others. */
function gateFactors(hidden: number): tf.Tensor1D {
  return tf.tensor1d(new Float32Array(4 * hidden).fill(1).fill(2, 2 * hidden, 3 * hidden));
}

/**
 * Next state: f c + i g.
 *
 * @param gates [rows][4 hidden], from `openGates`
 * @param state c, [rows][hidden]
 */
export function nextState(gates: tf.Tensor2D, state: tf.Tensor2D): tf.Tensor2D {
  const [rows, hidden] = state.shape;
  return withGradient([gates, state], {
    forward: ([gate, c], save) => {
      save([gate!, c!]);
      const next = emptyMatrix(rows, hidden);
      const [a, old, to] = [viewOf(gate!), viewOf(c!), viewOf(next)];
      for (let row = 0, k = 0; row < rows; row++)
        for (let at = 4 * row * hidden; at < (4 * row + 1) * hidden; at++, k++)
          to[k] = a[at + hidden]! * old[k]! + a[at]! * a[at + 2 * hidden]!;
      return next;
    },
    backward: (dy, [gate, c]) => {
      const [byGates, byState] = [emptyMatrix(rows, 4 * hidden), emptyMatrix(rows, hidden)];
      const [d, a, old] = [viewOf(dy), viewOf(gate!), viewOf(c!)];
      const [to, stateOut] = [viewOf(byGates), viewOf(byState)];
      for (let row = 0, k = 0; row < rows; row++)
        for (let at = 4 * row * hidden; at < (4 * row + 1) * hidden; at++, k++) {
          const slope = d[k]!;
          stateOut[k] = slope * a[at + hidden]!;
          to[at] = slope * a[at + 2 * hidden]!;
          to[at + hidden] = slope * old[k]!;
          to[at + 2 * hidden] = slope * a[at]!;
          to[at + 3 * hidden] = 0;
        }
      return [byGates, byState];
    },
  });
}

/** Output: o tanh(c). @param gates from `openGates` @param state c after `nextState` */
export function cellOutput(gates: tf.Tensor2D, state: tf.Tensor2D): tf.Tensor2D {
  const [rows, hidden] = state.shape;
  return withGradient([gates, state], {
    forward: ([gate, c], save) => {
      const halves = tf.sigmoid(tf.mul(c!, 2));
      save([gate!, halves]);
      const output = emptyMatrix(rows, hidden);
      const [a, half, to] = [viewOf(gate!), viewOf(halves), viewOf(output)];
      for (let row = 0, k = 0; row < rows; row++)
        for (let at = (4 * row + 3) * hidden; at < (4 * row + 4) * hidden; at++, k++)
          to[k] = a[at]! * (2 * half[k]! - 1);
      return output;
    },
    backward: (dy, [gate, halves]) => {
      const [byGates, byState] = [emptyMatrix(rows, 4 * hidden), emptyMatrix(rows, hidden)];
      const [d, a, half] = [viewOf(dy), viewOf(gate!), viewOf(halves!)];
      const [to, stateOut] = [viewOf(byGates), viewOf(byState)];
      to.fill(0);
      for (let row = 0, k = 0; row < rows; row++)
        for (let at = (4 * row + 3) * hidden; at < (4 * row + 4) * hidden; at++, k++) {
          const t = 2 * half[k]! - 1;
          to[at] = d[k]! * t;
          stateOut[k] = d[k]! * a[at]! * (1 - t * t);
        }
      return [byGates, byState];
    },
  });
}

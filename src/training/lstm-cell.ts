/**
 * The two halves of an LSTM cell as single operations: a dozen small ones of the library each cost
 * more than the numbers in them.
 *
 * @source Hochreiter and Schmidhuber, Neural Computation 9, 1735 (1997), with forget gates.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { emptyMatrix, viewOf } from "./tensors.ts";
import { withGradient } from "./with-gradient.ts";

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * Next state: sigmoid(f) c + sigmoid(i) tanh(g).
 *
 * @param gates [rows][4 hidden]: i, f, g, o before their nonlinearities
 * @param state c, [rows][hidden]
 */
export function nextState(gates: tf.Tensor2D, state: tf.Tensor2D): tf.Tensor2D {
  const [rows, hidden] = state.shape;
  // i, f and g after their nonlinearities.
  const opened = new Float32Array(rows * 3 * hidden);
  return withGradient([gates, state], {
    forward: ([gate, c], save) => {
      const next = emptyMatrix(rows, hidden);
      const [from, old, to] = [viewOf(gate!), viewOf(c!), viewOf(next)];
      for (let row = 0; row < rows; row++)
        for (let k = 0; k < hidden; k++) {
          const [at, open] = [row * 4 * hidden + k, row * 3 * hidden + k];
          const i = sigmoid(from[at]!);
          const f = sigmoid(from[at + hidden]!);
          const g = Math.tanh(from[at + 2 * hidden]!);
          opened[open] = i;
          opened[open + hidden] = f;
          opened[open + 2 * hidden] = g;
          to[row * hidden + k] = f * old[row * hidden + k]! + i * g;
        }
      save([c!]);
      return next;
    },
    backward: (dy, [c]) => {
      const [byGates, byState] = [emptyMatrix(rows, 4 * hidden), emptyMatrix(rows, hidden)];
      const [d, old, gateOut, stateOut] = [dy, c!, byGates, byState].map(viewOf) as Views4;
      for (let row = 0; row < rows; row++)
        for (let k = 0; k < hidden; k++) {
          const [at, open] = [row * 4 * hidden + k, row * 3 * hidden + k];
          const i = opened[open]!;
          const f = opened[open + hidden]!;
          const g = opened[open + 2 * hidden]!;
          const slope = d[row * hidden + k]!;
          stateOut[row * hidden + k] = slope * f;
          gateOut[at] = slope * g * i * (1 - i);
          gateOut[at + hidden] = slope * old[row * hidden + k]! * f * (1 - f);
          gateOut[at + 2 * hidden] = slope * i * (1 - g * g);
          gateOut[at + 3 * hidden] = 0;
        }
      return [byGates, byState];
    },
  });
}

type Views4 = [Float32Array, Float32Array, Float32Array, Float32Array];

/** Output: sigmoid(o) tanh(c). @param state c after `nextState` */
export function cellOutput(gates: tf.Tensor2D, state: tf.Tensor2D): tf.Tensor2D {
  const [rows, hidden] = state.shape;
  // o and c after their nonlinearities.
  const opened = new Float32Array(rows * 2 * hidden);
  return withGradient([gates, state], {
    forward: ([gate, c]) => {
      const output = emptyMatrix(rows, hidden);
      const [from, held, to] = [viewOf(gate!), viewOf(c!), viewOf(output)];
      for (let row = 0; row < rows; row++)
        for (let k = 0; k < hidden; k++) {
          const o = sigmoid(from[row * 4 * hidden + 3 * hidden + k]!);
          const t = Math.tanh(held[row * hidden + k]!);
          opened[row * 2 * hidden + k] = o;
          opened[row * 2 * hidden + hidden + k] = t;
          to[row * hidden + k] = o * t;
        }
      return output;
    },
    backward: (dy) => {
      const [byGates, byState] = [emptyMatrix(rows, 4 * hidden), emptyMatrix(rows, hidden)];
      const [d, gateOut, stateOut] = [viewOf(dy), viewOf(byGates), viewOf(byState)];
      gateOut.fill(0);
      for (let row = 0; row < rows; row++)
        for (let k = 0; k < hidden; k++) {
          const o = opened[row * 2 * hidden + k]!;
          const t = opened[row * 2 * hidden + hidden + k]!;
          const slope = d[row * hidden + k]!;
          gateOut[row * 4 * hidden + 3 * hidden + k] = slope * t * o * (1 - o);
          stateOut[row * hidden + k] = slope * o * (1 - t * t);
        }
      return [byGates, byState];
    },
  });
}

/** Digital products with gradients. */
import * as tf from "@tensorflow/tfjs-core";
import { emptyMatrix, viewOf } from "./tensors.ts";
import { withGradient } from "./with-gradient.ts";

/**
 * y = x W^T.
 *
 * The library's products with a transposed operand are ten times as slow as transposing first, so
 * gradients are written out.
 *
 * @param x [rows][inputs]
 * @param weight [outputs][inputs]
 * @param transposed [inputs][outputs], for calls with the same weights
 * @returns [rows][outputs]
 */
export const linear = (
  x: tf.Tensor2D,
  weight: tf.Tensor2D,
  transposed: tf.Tensor2D = tf.transpose(weight),
): tf.Tensor2D =>
  withGradient([x, weight], {
    forward: ([input, w], save) => {
      save([input!, w!]);
      return tf.matMul(input!, transposed);
    },
    backward: (dy, [input, w]) => [tf.matMul(dy, w!), tf.matMul(tf.transpose(dy), input!)],
  });

/**
 * y = x * scale + bias, column by column: the digital part of a product.
 *
 * @param scale [cols]
 * @param bias [cols]
 */
export const scaleAndShift = (x: tf.Tensor2D, scale: tf.Tensor, bias: tf.Tensor): tf.Tensor2D =>
  withGradient([x, scale, bias], {
    forward: ([input, factor, shift], save) => {
      save([input!, factor!]);
      return tf.add(tf.mul(input!, factor!), shift!);
    },
    backward: (dy, [input, factor]) => backThroughScale(dy, input!, factor!),
  });

/** Loss by x, scale and bias in one pass. */
function backThroughScale(dy: tf.Tensor2D, x: tf.Tensor, scale: tf.Tensor): tf.Tensor[] {
  const [rows, cols] = dy.shape;
  const byInput = emptyMatrix(rows, cols);
  const [g, values, factors, to] = [dy, x, scale, byInput].map(viewOf) as Views4;
  const byScale = new Float32Array(cols);
  const byBias = new Float32Array(cols);
  for (let at = 0; at < to.length; at += cols)
    for (let c = 0; c < cols; c++) {
      const slope = g[at + c]!;
      to[at + c] = slope * factors[c]!;
      byScale[c] = byScale[c]! + slope * values[at + c]!;
      byBias[c] = byBias[c]! + slope;
    }
  return [byInput, tf.tensor1d(byScale), tf.tensor1d(byBias)];
}

type Views4 = [Float32Array, Float32Array, Float32Array, Float32Array];

/** Digital products with gradients. */
import * as tf from "@tensorflow/tfjs-core";
import { type Operation, withGradient } from "./with-gradient.ts";

/**
 * y = x W^T.
 *
 * The library's products with a transposed operand are ten times as slow as transposing first, so
 * gradients are written out.
 *
 * @param x [rows][inputs]
 * @param weight [outputs][inputs]
 * @returns [rows][outputs]
 */
export const linear = (x: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D =>
  withGradient([x, weight], LINEAR);

const LINEAR: Operation = {
  forward: ([x, weight], save) => {
    save([x!, weight!]);
    return tf.matMul(x!, tf.transpose(weight!));
  },
  backward: (dy, [x, weight]) => [tf.matMul(dy, weight!), tf.matMul(tf.transpose(dy), x!)],
};

/** Sums over rows: [rows][cols] -> [cols]. A product with ones is faster than the library's sum. */
export const sumRows = (x: tf.Tensor2D): tf.Tensor1D =>
  tf.reshape(tf.matMul(tf.ones([1, x.shape[0]]), x), [x.shape[1]]);

/**
 * y = x * scale + bias, column by column: the digital part of a product.
 *
 * @param scale [cols]
 * @param bias [cols]
 */
export const scaleAndShift = (x: tf.Tensor2D, scale: tf.Tensor, bias: tf.Tensor): tf.Tensor2D =>
  withGradient([x, scale, bias], SCALE_AND_SHIFT);

const SCALE_AND_SHIFT: Operation = {
  forward: ([x, scale, bias], save) => {
    save([x!, scale!]);
    return tf.add(tf.mul(x!, scale!), bias!);
  },
  backward: (dy, [x, scale]) => [
    tf.mul(dy, scale!),
    sumRows(tf.mul(dy, x!) as tf.Tensor2D),
    sumRows(dy),
  ],
};

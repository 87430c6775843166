/** An operation with a gradient of its own. */
import * as tf from "@tensorflow/tfjs-core";

export interface Operation {
  /**
   * @param save keeps tensors for `backward`; others made in `forward` are gone by then
   */
  readonly forward: (inputs: readonly tf.Tensor[], save: (kept: tf.Tensor[]) => void) => tf.Tensor;
  /** Loss by output -> loss by each input. */
  readonly backward: (dy: tf.Tensor2D, saved: readonly tf.Tensor[]) => tf.Tensor[];
}

/** Runs the operation, and has the tape use its own gradient. */
export function withGradient(inputs: readonly tf.Tensor[], operation: Operation): tf.Tensor2D {
  type Grad = Parameters<typeof tf.customGrad>[0];
  // The library hands over the inputs and then the function that saves, in one list.
  const run = (...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    return {
      value: operation.forward(args.slice(0, -1) as tf.Tensor[], save),
      gradFunc: operation.backward,
    };
  };
  return tf.customGrad(run as unknown as Grad)(...inputs) as tf.Tensor2D;
}

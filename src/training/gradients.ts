/**
 * Derivatives of the library's operations that networks here use.
 *
 * The library has its own, but its bundle for Node leaves them out, and its other files cannot be
 * loaded there. Each function gets the loss by the output and yields the loss by each input.
 */
import * as tf from "@tensorflow/tfjs-core";

type Gradient = tf.GradConfig;
type Attributes = tf.NamedAttrMap | undefined;

/** Sums over the axes along which a tensor of a smaller shape was repeated. */
function sumTo(dy: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const extra = dy.shape.length - shape.length;
  const axes = dy.shape.flatMap((size, axis) =>
    axis < extra || (shape[axis - extra] === 1 && size > 1) ? [axis] : [],
  );
  return tf.reshape(axes.length === 0 ? dy : tf.sum(dy, axes), [...shape]);
}

const one = (dy: tf.Tensor | tf.Tensor[]): tf.Tensor => dy as tf.Tensor;

const add: Gradient = {
  kernelName: "Add",
  inputsToSave: ["a", "b"],
  gradFunc: (dy, [a, b]) => ({
    a: () => sumTo(one(dy), a!.shape),
    b: () => sumTo(one(dy), b!.shape),
  }),
};

const addN: Gradient = {
  kernelName: "AddN",
  saveAllInputs: true,
  gradFunc: (dy, saved) =>
    Object.fromEntries(saved.map((_, i) => [String(i), () => tf.clone(one(dy))])),
};

const relu: Gradient = {
  kernelName: "Relu",
  inputsToSave: ["x"],
  gradFunc: (dy, [x]) => ({ x: () => tf.mul(one(dy), tf.step(x!)) }),
};

const reshape: Gradient = {
  kernelName: "Reshape",
  inputsToSave: ["x"],
  gradFunc: (dy, [x]) => ({ x: () => tf.reshape(one(dy), x!.shape) }),
};

const transpose: Gradient = {
  kernelName: "Transpose",
  gradFunc: (dy, _saved, attrs) => ({
    x: () => tf.transpose(one(dy), inverseOf(attrs?.["perm"] as number[])),
  }),
};

function inverseOf(permutation: readonly number[]): number[] {
  const inverse = permutation.map(() => 0);
  permutation.forEach((from, to) => {
    inverse[from] = to;
  });
  return inverse;
}

const concat: Gradient = {
  kernelName: "Concat",
  saveAllInputs: true,
  gradFunc: (dy, inputs, attrs) => {
    const axis = axisOf(attrs, inputs[0]!);
    const sizes = inputs.map(({ shape }) => shape[axis]!);
    return Object.fromEntries(
      tf.split(one(dy), sizes, axis).map((part, i) => [String(i), () => part]),
    );
  },
};

const split: Gradient = {
  kernelName: "SplitV",
  gradFunc: (dy, _saved, attrs) => ({
    x: () => tf.concat(dy as tf.Tensor[], axisOf(attrs, (dy as tf.Tensor[])[0]!)),
  }),
};

function axisOf(attrs: Attributes, { shape }: tf.Tensor): number {
  const axis = attrs?.["axis"] as number;
  return axis < 0 ? axis + shape.length : axis;
}

const slice: Gradient = {
  kernelName: "Slice",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attrs) => {
    const begin = attrs?.["begin"] as number[];
    const around = x!.shape.map((size, axis): [number, number] => {
      const before = begin[axis]!;
      return [before, size - before - one(dy).shape[axis]!];
    });
    return { x: () => tf.pad(one(dy), around) };
  },
};

const GRADIENTS: readonly Gradient[] = [
  ...[add, addN, relu, reshape, transpose, concat, split, slice],
];

/** Once a process. */
export function registerGradients(): void {
  for (const gradient of GRADIENTS) tf.registerGradient(gradient);
}

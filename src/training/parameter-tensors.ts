/** Values of parameters as tensors. */
import * as tf from "@tensorflow/tfjs-core";
import { linear } from "./linear.ts";
import type { Execute, Network, ParameterOf, ParameterValues, Product } from "./network.ts";

export const weightName = ({ name }: Pick<Product, "name">): string => `${name}.weight`;
export const scaleName = ({ name }: Pick<Product, "name">): string => `${name}.scale`;

/** In the order of `network.parameters`; copies, to be disposed of. */
export const parameterTensors = (
  { parameters }: Pick<Network, "parameters">,
  values: ParameterValues,
): readonly tf.Tensor[] =>
  parameters.map(({ name, shape }) => tf.tensor(valuesFor(values, name), [...shape]));

/** @throws Error if there is none: the values are of another network */
export function valuesFor(values: ParameterValues, name: string): Float32Array {
  const found = values.get(name);
  if (found === undefined) throw new Error(`no values of parameter ${name}`);
  return found;
}

/** @param tensors in the order of `network.parameters` */
export function tensorByName(
  { parameters }: Pick<Network, "parameters">,
  tensors: readonly tf.Tensor[],
): ParameterOf {
  const byName = new Map(parameters.map(({ name }, p) => [name, tensors[p]!]));
  return (name) => {
    const found = byName.get(name);
    if (found === undefined) throw new Error(`no parameter ${name}`);
    return found;
  };
}

/** Every product digitally. Weights are transposed once, so `parameterOf` must not change. */
export function digitally(parameterOf: ParameterOf): Execute {
  const transposed = new Map<string, tf.Tensor2D>();
  return (product, x) => {
    const name = weightName(product);
    const weight = parameterOf(name) as tf.Tensor2D;
    const known = transposed.get(name);
    if (known !== undefined && !known.isDisposed) return linear(x, weight, known);
    const turned: tf.Tensor2D = tf.transpose(weight);
    transposed.set(name, turned);
    return linear(x, weight, turned);
  };
}

/**
 * Networks to be trained: parameters by name, a forward pass, and the matrix products in it, each
 * of which may be computed digitally, with training noise, or by programmed crossbars.
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";

/** Names of everything that is learned, with shapes and first values. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Float32Array;
  /** Weight decay is for the weights of products only. */
  readonly decays: boolean;
}

/**
 * A matrix product y = x W^T, then output scales and bias: y[o] * scale[o] + bias[o], both digital.
 *
 * Its parameters are `${name}.weight` [outputs][inputs], `${name}.scale` [outputs] and
 * `${name}.bias` [outputs].
 */
export interface Product {
  /** Place in `Network.products`; the address of its noise. */
  readonly id: number;
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Vectors per example: positions of a convolution, tokens, time steps. */
  readonly uses: number;
  /** Calls per forward pass: the time steps of a recurrent product, else 1. */
  readonly calls: number;
  /** Rows of a call: all vectors of one example after the other, or all examples of one step. */
  readonly order: "by-example" | "by-step";
  readonly mayBeAnalog: boolean;
}

/** Examples side by side. */
export interface Batch {
  readonly examples: number;
  /**
   * Images: Float32Array [examples][rows][cols], 0 to 1. Text: Int32Array [examples][steps].
   */
  readonly inputs: Float32Array | Int32Array;
}

/** A batch and what should come out. */
export interface LabelledBatch extends Batch {
  /** Classes, [examples], or next tokens, [examples][steps]: one a row of logits. */
  readonly labels: Int32Array;
}

/** Computes a product: x [rows][inputs] -> [rows][outputs], output scale and bias left out. */
export type Execute = (product: Product, x: Tensor2D) => Tensor2D;

/** Tensor of a parameter. */
export type ParameterOf = (name: string) => Tensor;

export interface Network {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly products: readonly Product[];
  /** Elements of `Batch.inputs` per example. */
  readonly inputsPerExample: number;
  /** Rows of logits per example: 1, or time steps. */
  readonly rowsPerExample: number;
  /** Classes or tokens. */
  readonly classes: number;
  /** @returns logits [examples * rowsPerExample][classes], example by example */
  readonly forward: (batch: Batch, parameterOf: ParameterOf, execute: Execute) => Tensor2D;
}

/** Values of all parameters, by name. */
export type ParameterValues = ReadonlyMap<string, Float32Array>;

export const firstValues = (network: Pick<Network, "parameters">): ParameterValues =>
  new Map(network.parameters.map(({ name, initial }) => [name, initial.slice()]));

/** Collects the parameters and products of a network while it is put together. */

import type { Tensor2D } from "@tensorflow/tfjs-core";
import { fillNormals } from "../../random/philox.ts";
import { scaleAndShift } from "../linear.ts";
import type { Execute, Parameter, ParameterOf, Product } from "../network.ts";

/** What a pass through the network has at hand. */
export interface Pass {
  readonly parameterOf: ParameterOf;
  readonly execute: Execute;
}

/** A product with its digital output stage: x [rows][inputs] -> [rows][outputs]. */
export type Layer = (pass: Pass, x: Tensor2D) => Tensor2D;

export interface ProductOptions {
  readonly uses: number;
  /** Default 1. */
  readonly calls?: number;
  /** Default by-example. */
  readonly order?: Product["order"];
  /** Variance of the first weights times inputs; default 1. */
  readonly gain?: number;
  /** First output scale; default 1. */
  readonly scale?: number;
}

export interface Assembly {
  readonly parameters: readonly Parameter[];
  readonly products: readonly Product[];
  readonly addProduct: (
    name: string,
    inputs: number,
    outputs: number,
    options: ProductOptions,
  ) => Layer;
  /** A digital parameter of its own, filled with a value or with normal numbers. */
  readonly addParameter: (
    name: string,
    shape: readonly number[],
    first: { readonly value: number } | { readonly std: number },
  ) => void;
}

export function createAssembly(seed: number): Assembly {
  const parameters: Parameter[] = [];
  const products: Product[] = [];
  const add = (name: string, shape: readonly number[], initial: Float32Array, decays = false) => {
    parameters.push({ name, shape, initial, decays });
  };
  const normals = (count: number, std: number): Float32Array => {
    const z = new Float32Array(count);
    const row = parameters.length;
    fillNormals(z, { seed, matrix: 0, block: 0, purpose: "initial-weights", row });
    return z.map((value) => std * value);
  };
  return {
    parameters,
    products,
    addProduct: (name, inputs, outputs, options) => {
      const { uses, calls = 1, order = "by-example", gain = 1, scale = 1 } = options;
      const product: Product = {
        ...{ id: products.length, name, inputs, outputs, uses, calls, order },
        mayBeAnalog: true,
      };
      products.push(product);
      const weights = normals(outputs * inputs, Math.sqrt(gain / inputs));
      add(`${name}.weight`, [outputs, inputs], weights, true);
      add(`${name}.scale`, [outputs], new Float32Array(outputs).fill(scale));
      add(`${name}.bias`, [outputs], new Float32Array(outputs));
      return ({ parameterOf, execute }, x) =>
        scaleAndShift(
          execute(product, x),
          parameterOf(`${name}.scale`),
          parameterOf(`${name}.bias`),
        );
    },
    addParameter: (name, shape, first) => {
      const count = shape.reduce((a, b) => a * b, 1);
      const values =
        "value" in first ? new Float32Array(count).fill(first.value) : normals(count, first.std);
      add(name, shape, values);
    },
  };
}

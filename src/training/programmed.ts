/** A network as it computes once its analog products are programmed into crossbars. */
import * as tf from "@tensorflow/tfjs-core";
import type { AnalogTile } from "../model/arch.ts";
import { type Effect, without } from "../numerics/effects.ts";
import type { DisposableProjection, ReusableEngine } from "../numerics/engines/reusable.ts";
import { createTileProjection, requestOfTile } from "../numerics/tile.ts";
import type { Batch, Execute, Network, ParameterValues, Product } from "./network.ts";
import {
  digitally,
  parameterTensors,
  tensorByName,
  valuesFor,
  weightName,
} from "./parameter-tensors.ts";
import { analogProducts, blocksOfProduct, matrixOfProduct } from "./product-blocks.ts";
import type { ProductRanges } from "./session.ts";
import { emptyMatrix, valuesOf, viewOf } from "./tensors.ts";

/** One act of programming, and when it is read. */
export interface ProgramOptions {
  readonly tile: AnalogTile;
  readonly engine: ReusableEngine;
  /** From training, or from `calibrateRanges`. */
  readonly ranges: ProductRanges;
  readonly seed: number;
  readonly age_s: number;
  /** Multiplies the programming noise; default 1. */
  readonly noise_scale?: number;
  /** Effects that are switched off; default none. */
  readonly without?: readonly Effect[];
  /** Names of analog products; left out: all that may be. */
  readonly analog?: ReadonlySet<string>;
}

export interface EvaluatedNetwork {
  /**
   * @param firstExample number of the batch's first example: the address of read noise, so that
   *   results do not depend on how examples are batched
   * @returns [examples * rowsPerExample][classes]
   */
  readonly logits: (batch: Batch, firstExample: number) => Float32Array;
  readonly dispose: () => void;
}

/** Programs the analog products; the others stay digital. Tensors must be open. */
export function programNetwork(
  network: Network,
  values: ParameterValues,
  options: ProgramOptions,
): EvaluatedNetwork {
  const products = analogProducts(network, options.analog);
  const reads = new Map(products.map((p) => [p.name, programProduct(p, values, options)]));
  const evaluated = evaluate(network, values, (execute, firstExample) => {
    const calls = new Map<string, number>();
    return (product, x) => {
      const read = reads.get(product.name);
      if (read === undefined) return execute(product, x);
      const call = calls.get(product.name) ?? 0;
      calls.set(product.name, call + 1);
      return applyRead(read, x, rowIds(product, x.shape[0], firstExample, call));
    };
  });
  return {
    logits: evaluated.logits,
    dispose: () => {
      evaluated.dispose();
      for (const read of reads.values()) read.dispose();
    },
  };
}

/** The network without crossbars. Tensors must be open. */
export const digitalNetwork = (network: Network, values: ParameterValues): EvaluatedNetwork =>
  evaluate(network, values, (execute) => execute);

function evaluate(
  network: Network,
  values: ParameterValues,
  executeOn: (digital: Execute, firstExample: number) => Execute,
): EvaluatedNetwork {
  const tensors = parameterTensors(network, values);
  const parameterOf = tensorByName(network, tensors);
  const digital = digitally(parameterOf);
  return {
    logits: (batch, firstExample) => {
      const result = tf.tidy(() =>
        network.forward(batch, parameterOf, executeOn(digital, firstExample)),
      );
      const logits = valuesOf(result);
      result.dispose();
      return logits;
    },
    dispose: () => tf.dispose([...tensors]),
  };
}

function programProduct(
  product: Product,
  values: ParameterValues,
  options: ProgramOptions,
): DisposableProjection {
  const { tile, engine, ranges, seed, age_s, noise_scale = 1 } = options;
  const request = {
    weights: valuesFor(values, weightName(product)),
    matrix: matrixOfProduct(product, product.id),
    blocks: blocksOfProduct(tile, product),
    ...requestOfTile(tile),
    inputRanges: rangesFor(ranges, product),
    ...{ seed, age_s, noise_scale },
  };
  return createTileProjection(engine, without(request, options.without ?? []));
}

function rangesFor(ranges: ProductRanges, { name }: Product): Float64Array | null {
  const found = ranges.get(name);
  if (found === undefined) throw new Error(`no input ranges of product ${name}`);
  return found;
}

function applyRead(read: DisposableProjection, x: tf.Tensor2D, ids: Uint32Array): tf.Tensor2D {
  const rows = x.shape[0];
  const y = emptyMatrix(rows, read.outputs);
  read.apply(viewOf(x), rows, ids, viewOf(y));
  return y;
}

/** A vector's number: that of its example times `uses`, plus which of its uses it is. */
function rowIds(
  { uses, calls, order }: Product,
  rows: number,
  firstExample: number,
  call: number,
): Uint32Array {
  const perExample = uses / calls;
  const examples = rows / perExample;
  return Uint32Array.from({ length: rows }, (_, row) => {
    const example = order === "by-step" ? row % examples : Math.floor(row / perExample);
    const use = order === "by-step" ? Math.floor(row / examples) : row % perExample;
    return (firstExample + example) * uses + call * perExample + use;
  });
}

/** Input ranges of products from what reaches them in the digital network. */
import * as tf from "@tensorflow/tfjs-core";
import type { AnalogTile } from "../model/arch.ts";
import { createRangeCollector, type RangeRule } from "../numerics/calibrate.ts";
import type { Batch, Network, ParameterValues } from "./network.ts";
import { digitally, parameterTensors, tensorByName } from "./parameter-tensors.ts";
import { analogProducts, blocksOfProduct } from "./product-blocks.ts";
import type { ProductRanges } from "./session.ts";
import { viewOf } from "./tensors.ts";

/**
 * Ranges of all analog products on a kind of tile: what direct mapping uses. Tensors must be open.
 *
 * @param rule `tile.numerics.input_range`, or another
 * @param analog names of analog products; left out: all that may be
 */
export function calibrateRanges(
  network: Network,
  values: ParameterValues,
  tile: Pick<AnalogTile, "crossbar">,
  rule: RangeRule,
  batches: readonly Batch[],
  analog?: ReadonlySet<string>,
): ProductRanges {
  const collectors = new Map(
    analogProducts(network, analog).map((product) => [
      product.name,
      createRangeCollector(rule, blocksOfProduct(tile, product), product.inputs),
    ]),
  );
  const tensors = parameterTensors(network, values);
  const parameterOf = tensorByName(network, tensors);
  const digital = digitally(parameterOf);
  for (const batch of batches)
    tf.tidy(() => {
      network.forward(batch, parameterOf, (product, x) => {
        collectors.get(product.name)?.add(viewOf(x), x.shape[0]);
        return digital(product, x);
      });
    });
  tf.dispose([...tensors]);
  return new Map([...collectors].map(([name, collector]) => [name, collector.ranges()]));
}

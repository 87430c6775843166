/** Layers that are one matrix product per position: convolutions and linear layers. */
import type { LayerOf } from "../../model/network.ts";
import type { FieldShape } from "../../model/network-shapes.ts";
import type { Delivery } from "../context.ts";
import { arrived, type Field, makeField } from "./field.ts";
import { gatherFromMemory, gatherInPlace } from "./gather.ts";
import type { NetworkTools } from "./tools.ts";

/** Where a layer is lowered, and what it makes. */
export interface LayerPlace {
  readonly layer: number;
  readonly hub: number;
  readonly output: FieldShape;
}

/**
 * A convolution as matrix products (im2col): one input vector per output position, which may set
 * off when its window is there, whatever the rest of the image does.
 *
 * @source Chellapilla et al., "High Performance Convolutional Neural Networks for Document
 *   Processing", IWFHR 2006
 */
export function lowerConvolution(
  tools: NetworkTools,
  { kernel_rows: side, stride_rows: stride, padding_rows: padding }: LayerOf<"conv">,
  field: Field,
  { layer, hub, output }: LayerPlace,
): Field {
  const [first] = weightCopies(tools, layer);
  const isAnalog = tools.context.placement.targets[first!] === "analog";
  const gather = isAnalog && side > 1 ? gatherFromMemory : gatherInPlace;
  const windowAt = gather(tools, field, { side, stride, padding }, output, hub);
  return multiplied(tools, makeField(field, output, hub, windowAt), layer);
}

/** The matrices of a layer that has one, copies one after the other. */
const weightCopies = ({ context }: NetworkTools, layer: number): readonly number[] =>
  context.matrices.filter((matrix) => matrix.layer === layer).map(({ id }) => id);

/**
 * Every position times the matrix of the layer. Positions take turns on copies of analog weights;
 * a digital product takes all positions at once and needs no copy.
 *
 * @param inputs where the vectors are, and when; its shape is that of the output already
 */
export function multiplied(tools: NetworkTools, inputs: Field, layer: number): Field {
  const { context, products } = tools;
  const { hub, ready, token } = inputs;
  const ids = weightCopies(tools, layer);
  const copies = context.placement.targets[ids[0]!] === "analog" ? ids.length : 1;
  const deliveries = ids.slice(0, copies).map((id, copy): Delivery => {
    const own = (_: number, i: number): boolean => i % copies === copy;
    return products.product(id, hub, { tokens: token.filter(own), ready: ready.filter(own) });
  });
  return makeField(inputs, inputs.shape, hub, (i, _example, _position, t) =>
    arrived(tools, deliveries[i % copies]!, Math.floor(i / copies), hub, t),
  );
}

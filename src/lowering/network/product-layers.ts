/** Layers that are one matrix product per position: convolutions and linear layers. */
import type { Part } from "../../model/matrix.ts";
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

/** The matrices of one part of a layer, copies one after the other. */
const weightCopies = (
  { context }: NetworkTools,
  layer: number,
  part: Part = "weight",
): readonly number[] =>
  context.matrices
    .filter((matrix) => matrix.layer === layer && matrix.part === part)
    .map(({ id }) => id);

/** Every position times the matrix of the layer. @param inputs has the shape of the output */
export const multiplied = (tools: NetworkTools, inputs: Field, layer: number): Field =>
  multipliedByParts(tools, inputs, layer, ["weight"])[0]!;

/**
 * Every position times matrices that take the same inputs. Positions take turns on copies of analog
 * weights; a digital product takes all positions at once and needs no copy.
 *
 * @param inputs where the vectors are, and when; its shape is that of the outputs already
 * @returns one field a part
 */
export function multipliedByParts(
  tools: NetworkTools,
  inputs: Field,
  layer: number,
  parts: readonly Part[],
): readonly Field[] {
  const { context, products } = tools;
  const { hub, ready, token } = inputs;
  const ids = parts.map((part) => weightCopies(tools, layer, part));
  const isAnalog = ids.some(([first]) => context.placement.targets[first!] === "analog");
  const copies = isAnalog ? ids[0]!.length : 1;
  const deliveries = Array.from({ length: copies }, (_, copy): readonly Delivery[] => {
    const own = (_value: number, i: number): boolean => i % copies === copy;
    const x = { tokens: token.filter(own), ready: ready.filter(own) };
    return products.products(
      ids.map((each) => each[copy]!),
      hub,
      x,
    );
  });
  return parts.map((_, part) =>
    makeField(inputs, inputs.shape, hub, (i, _example, _position, t) =>
      arrived(tools, deliveries[i % copies]![part]!, Math.floor(i / copies), hub, t),
    ),
  );
}

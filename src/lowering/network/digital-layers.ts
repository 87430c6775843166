/** Layers without weights: all of them work of the digital cores. */

import type { LayerOf } from "../../model/network.ts";
import { positionsOf } from "../../model/network-shapes.ts";
import type { VectorFunction } from "../../model/op.ts";
import { type Field, join, makeField, movedTo } from "./field.ts";
import { gatherFromMemory } from "./gather.ts";
import type { LayerPlace } from "./product-layers.ts";
import type { NetworkTools } from "./tools.ts";
import type { Window } from "./windows.ts";

/** One function of every position. */
export function lowerElementwise(tools: NetworkTools, fn: VectorFunction, field: Field): Field {
  const { sink, work } = tools;
  const opClass = work.vectorClass(fn, field.shape.features);
  return makeField(field, field.shape, field.hub, (i, _example, _position, token) => {
    const op = work.vector(opClass, token);
    sink.depend(field.ready[i]!, op);
    return op;
  });
}

/** Sum of two fields, at the hub of the first. */
export function lowerSum(tools: NetworkTools, field: Field, other: Field): Field {
  const { sink, work } = tools;
  const second = movedTo(tools, other, field.hub);
  const opClass = work.vectorClass("add", field.shape.features);
  return makeField(field, field.shape, field.hub, (i, _example, _position, token) => {
    const op = work.vector(opClass, token);
    sink.depend(field.ready[i]!, op);
    sink.depend(second.ready[i]!, op);
    return op;
  });
}

/** The largest, or the mean, of each window. */
export function lowerPool(
  tools: NetworkTools,
  { window_rows, stride_rows, mode }: LayerOf<"pool">,
  field: Field,
  { output }: LayerPlace,
): Field {
  const window = { side: window_rows, stride: stride_rows, padding: 0 };
  const elements = window_rows ** 2 * field.shape.features;
  return pooled(tools, field, window, elements, mode, output);
}

/** The mean of all positions. */
export function lowerGlobalMean(tools: NetworkTools, field: Field, { output }: LayerPlace): Field {
  const { rows, cols, features } = field.shape;
  const window = { side: Math.max(rows, cols), stride: 1, padding: 0 };
  return pooled(tools, field, window, rows * cols * features, "mean", output);
}

function pooled(
  tools: NetworkTools,
  field: Field,
  window: Window,
  elements: number,
  mode: "max" | "mean",
  output: LayerPlace["output"],
): Field {
  const { sink, work } = tools;
  const windowAt = gatherFromMemory(tools, field, window, output, field.hub);
  const opClass = work.vectorClass(mode === "max" ? "max" : "accumulate", elements);
  return makeField(field, output, field.hub, (i, example, position, token) => {
    const before = windowAt(i, example, position, token);
    const op = work.vector(opClass, token);
    sink.depend(before, op);
    return op;
  });
}

/** All positions as one vector: they are named anew, nothing moves. */
export function lowerFlatten(tools: NetworkTools, field: Field, { output }: LayerPlace): Field {
  const positions = positionsOf(field.shape);
  return makeField(field, output, field.hub, (_, example, _position, token) => {
    const begin = example * positions;
    return join(tools, field.hub, field.ready.subarray(begin, begin + positions), token);
  });
}

/** One row of a table per position, from the memory of the weights. */
export function lowerLookup(tools: NetworkTools, field: Field, { output }: LayerPlace): Field {
  const { context, sink, work } = tools;
  const { weightMemory, weight_B } = context.digital;
  const opClass = work.memoryClass(weightMemory, "read", output.features * weight_B);
  return makeField(field, output, field.hub, (i, _example, _position, token) => {
    const op = work.memory(opClass, weightMemory, token);
    sink.depend(field.ready[i]!, op);
    return op;
  });
}

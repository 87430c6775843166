/** A network of matrix products as ops with what they wait for: no time, no energy. */
import { hubNode } from "../../mapping/position.ts";
import type { Network, NetworkLayer } from "../../model/network.ts";
import type { NetworkMatrix } from "../../model/network-matrices.ts";
import {
  type FieldShape,
  layerInputs,
  outputShape,
  positionsOf,
} from "../../model/network-shapes.ts";
import { unreachable } from "../../units/exhaustive.ts";
import type { TokenGroup } from "../context.ts";
import { createGraphSink } from "../graph.ts";
import { type GroupLowering, loweringOf } from "../lower.ts";
import { createProducts } from "../product.ts";
import { createProductContext, type MappedMatrices } from "../product-context.ts";
import type { Sink } from "../sink.ts";
import { createTallySink } from "../tally.ts";
import { createDigitalWork } from "../work.ts";
import { lowerEncoderAttention } from "./attention.ts";
import {
  lowerElementwise,
  lowerFlatten,
  lowerGlobalMean,
  lowerLookup,
  lowerPool,
  lowerSum,
} from "./digital-layers.ts";
import { type Field, join, movedTo } from "./field.ts";
import { lowerLstm } from "./lstm.ts";
import { type LayerPlace, lowerConvolution, multiplied } from "./product-layers.ts";
import type { NetworkContext, NetworkTools } from "./tools.ts";

/** Prepares the lowering of groups of examples. */
export function createNetworkLowering(
  input: MappedMatrices & {
    readonly network: Network;
    readonly matrices: readonly NetworkMatrix[];
  },
): GroupLowering {
  const { network, matrices } = input;
  const context: NetworkContext = { ...createProductContext(input), network, matrices };
  const { steps } = context.analog;
  return {
    ...loweringOf(context, { assigned: 0, dropped: 0 }),
    graph: (group) => {
      const sink = createGraphSink(steps, group.tokens);
      lowerNetwork(createTools(context, sink), group);
      return sink.finish();
    },
    tally: (group) => {
      const sink = createTallySink(steps);
      lowerNetwork(createTools(context, sink), group);
      return sink.finish();
    },
  };
}

function createTools(context: NetworkContext, sink: Sink): NetworkTools {
  const work = createDigitalWork(context, sink);
  return { context, sink, work, products: createProducts(context, sink) };
}

/**
 * All layers in the order of the file, each for all examples of the group; an op waits for what it
 * reads and for nothing else.
 *
 * A token of the group is an example. In a stream it is a step of one: a prompt is as many positions
 * of one sequence, and what follows the last recurrent layer is wanted of the last of them only.
 */
function lowerNetwork(tools: NetworkTools, group: TokenGroup): void {
  const { network } = tools.context;
  const inputs = layerInputs(network);
  const input = inputField(tools, group);
  const lastStep = group.isPrefill ? network.layers.findLastIndex(isRecurrent) : -1;
  const fields: Field[] = [];
  const fieldOf = (number: number): Field => (number < 0 ? input : fields[number]!);
  network.layers.forEach((layer, number) => {
    const { from, with: other } = inputs[number]!;
    tools.sink.setLayer(number);
    const field = lowerLayer(tools, layer, number, fieldOf(from), fieldOf(other ?? from));
    fields.push(number === lastStep ? lastPosition(field) : field);
  });
}

const isRecurrent = ({ kind }: NetworkLayer): boolean => kind === "lstm";

/** Examples as they come: there from the start, at the hub of the first layer. */
function inputField(tools: NetworkTools, group: TokenGroup): Field {
  const { context, sink } = tools;
  const { input } = context.network;
  const steps = group.isPrefill ? group.length.reduce((most, n) => Math.max(most, n), 1) : 1;
  const shape: FieldShape = { ...input, cols: input.cols * steps };
  const examples = group.tokens / steps;
  const hub = hubNode(context.arch.interconnect, 0);
  const positions = positionsOf(shape);
  sink.setLayer(-1);
  const start = join(tools, hub, [], -1);
  const size = examples * positions;
  const token = Int32Array.from({ length: size }, (_, i) => {
    const example = Math.floor(i / positions);
    return steps === 1 ? example : (i % positions) * examples + example;
  });
  return { shape, examples, hub, ready: new Int32Array(size).fill(start), token };
}

function lowerLayer(
  tools: NetworkTools,
  layer: NetworkLayer,
  number: number,
  x: Field,
  other: Field,
): Field {
  const output = outputShape(layer, x.shape);
  const hub = hubNode(tools.context.arch.interconnect, number);
  const place: LayerPlace = { layer: number, hub, output };
  switch (layer.kind) {
    case "conv":
      return lowerConvolution(tools, layer, x, place);
    case "linear":
      return multiplied(tools, { ...movedTo(tools, x, hub), shape: output }, number);
    case "lstm":
      return lowerLstm(tools, movedTo(tools, x, hub), place);
    case "attention":
      return lowerEncoderAttention(tools, layer, movedTo(tools, x, hub), place);
    case "embedding":
      return lowerLookup(tools, x, place);
    case "elementwise":
      return lowerElementwise(tools, layer.fn, x);
    case "add":
      return lowerSum(tools, x, other);
    case "pool":
      return lowerPool(tools, layer, x, place);
    case "global-mean":
      return lowerGlobalMean(tools, x, place);
    case "flatten":
      return lowerFlatten(tools, x, place);
    default:
      return unreachable(layer);
  }
}

/** The last position of every example. */
function lastPosition(field: Field): Field {
  const positions = positionsOf(field.shape);
  const isLast = (_: number, i: number): boolean => (i + 1) % positions === 0;
  return {
    ...field,
    shape: { ...field.shape, rows: 1, cols: 1 },
    ready: field.ready.filter(isLast),
    token: field.token.filter(isLast),
  };
}

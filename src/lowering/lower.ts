import type { Op } from "../model/op.ts";
import type { Workload } from "../model/workload.ts";
import { lowerAttention } from "./attention.ts";
import type { AssignmentCount } from "./capacity.ts";
import type { Delivery, LoweringContext, ProductContext, TokenGroup } from "./context.ts";
import { lowerFeedForward } from "./experts.ts";
import { createGraphSink, type Graph } from "./graph.ts";
import { planLayers } from "./plan.ts";
import { createProducts } from "./product.ts";
import { blocksOfSteps, createProductContext, type MappedMatrices } from "./product-context.ts";
import type { Resource } from "./resources.ts";
import type { ChooseExperts } from "./routing.ts";
import type { Sink } from "./sink.ts";
import { createTallySink, type Tally } from "./tally.ts";
import type { Tools } from "./tools.ts";
import { createDigitalWork } from "./work.ts";

/** One arch, model and placement, ready to be lowered group by group. */
export interface GroupLowering {
  /** Distinct ops; op class c of graphs and tallies is ops[c]. Grows with every group. */
  readonly ops: readonly Op[];
  readonly resources: readonly Resource[];
  readonly nameOf: (resource: number) => string;
  /** Ops of one token group with all that they wait for. */
  readonly graph: (group: TokenGroup) => Graph;
  /** The same ops, only counted. */
  readonly tally: (group: TokenGroup) => Tally;
  /** Block that is read by an op of that step, for templates compiled so far. */
  readonly blocksOfSteps: () => ReadonlyMap<number, number>;
  /** Times that each shared place for an expert was written so far. [slots] */
  readonly slotWrites: Float64Array;
  /** Of all groups lowered so far. */
  readonly assignments: Readonly<AssignmentCount>;
}

/** That of a decoder, of which parts can be lowered by themselves. */
export interface Lowering extends GroupLowering {
  /** Whatever that function lowers. @param tokens about as many as it lowers */
  readonly graphOf: (tokens: number, lower: (tools: Tools) => void) => Graph;
  readonly tallyOf: (lower: (tools: Tools) => void) => Tally;
}

/**
 * Prepares the lowering of token groups: what is compiled for one group serves the next.
 *
 * Groups must be lowered in the order in which they run, since experts that take turns on
 * crossbars are where the group before has left them.
 */
export function createLowering(
  input: MappedMatrices & {
    readonly workload: Workload;
    readonly chooseExperts: ChooseExperts;
    readonly capacity_factor?: number | undefined;
  },
): Lowering {
  const { arch, matrices, workload, chooseExperts, capacity_factor } = input;
  const products = createProductContext(input);
  const { steps } = products.analog;
  const context: LoweringContext = {
    ...products,
    workload,
    chooseExperts,
    capacity_factor,
    assignments: { assigned: 0, dropped: 0 },
    layers: planLayers(matrices, workload.layers, arch.interconnect),
  };
  const graphOf: Lowering["graphOf"] = (tokens, lower) => {
    const sink = createGraphSink(steps, tokens);
    lower(createTools(context, sink));
    return sink.finish();
  };
  const tallyOf: Lowering["tallyOf"] = (lower) => {
    const sink = createTallySink(steps);
    lower(createTools(context, sink));
    return sink.finish();
  };
  return {
    ...loweringOf(context, context.assignments),
    graph: (group) => graphOf(group.tokens, (tools) => lowerGroup(tools, group)),
    graphOf,
    tally: (group) => tallyOf((tools) => lowerGroup(tools, group)),
    tallyOf,
  };
}

/** What does not depend on how groups are lowered. */
export function loweringOf(
  context: ProductContext,
  assignments: AssignmentCount,
): Omit<GroupLowering, "graph" | "tally"> {
  return {
    ops: context.ops.ops,
    resources: context.resources.list,
    nameOf: context.resources.nameOf,
    slotWrites: context.residency.writes,
    assignments,
    blocksOfSteps: () => blocksOfSteps(context),
  };
}

function createTools(context: LoweringContext, sink: Sink): Tools {
  const work = createDigitalWork(context, sink);
  return { context, sink, work, products: createProducts(context, sink) };
}

/** Embedding, all layers one after the other, LM head: each for all tokens of the group. */
export function lowerGroup(tools: Tools, group: TokenGroup): void {
  const { context, sink } = tools;
  const tokens = Int32Array.from({ length: group.tokens }, (_, t) => t);
  sink.setLayer(-1);
  let stream = embed(tools, tokens);
  let hub = context.layers[0]!.hub;
  for (const plan of context.layers) {
    sink.setLayer(plan.layer);
    if (plan.hub !== hub) stream = moveStream(tools, stream, hub, plan.hub);
    hub = plan.hub;
    const forAttention = { tokens, ready: normalise(tools, tokens, stream) };
    stream = addTo(tools, stream, lowerAttention(tools, plan, group, forAttention));
    const forExperts = { tokens, ready: normalise(tools, tokens, stream) };
    stream = addTo(tools, stream, lowerFeedForward(tools, plan, group, forExperts));
  }
  sink.setLayer(-1);
  lowerHead(tools, group, stream, hub);
}

/** Reads one row of the embedding per token. [tokens] */
function embed({ context, work }: Tools, tokens: Int32Array): Int32Array {
  const { weightMemory, weight_B } = context.digital;
  const row_B = context.workload.hidden_features * weight_B;
  const opClass = work.memoryClass(weightMemory, "read", row_B);
  return tokens.map((token) => work.memory(opClass, weightMemory, token));
}

/** The residual stream goes to the hub of the next layer. [tokens] */
function moveStream(
  { context, sink }: Tools,
  stream: Int32Array,
  from: number,
  to: number,
): Int32Array {
  const bytes = Math.ceil(context.workload.hidden_features * context.digital.activation_B);
  const opClass = context.ops.classOf({ kind: "message", bytes });
  const route = ~context.routes.routeOf(from, to);
  return stream.map((before, token) => {
    const op = sink.add(opClass, route, token);
    sink.depend(before, op);
    return op;
  });
}

/** @param stream of the group, by token number */
function normalise(
  { context, sink, work }: Tools,
  tokens: Int32Array,
  stream: Int32Array,
): Int32Array {
  const { norm, hidden_features } = context.workload;
  const fn = norm.kind === "rms" ? "rms-norm" : "layer-norm";
  const opClass = work.vectorClass(fn, hidden_features);
  return tokens.map((token) => {
    const op = work.vector(opClass, token);
    sink.depend(stream[token]!, op);
    return op;
  });
}

/** The residual addition, at the hub. [tokens] */
function addTo({ context, sink, work }: Tools, stream: Int32Array, result: Delivery): Int32Array {
  const opClass = work.vectorClass("add", context.workload.hidden_features);
  return stream.map((before, token) => {
    const op = work.vector(opClass, token);
    sink.depend(before, op);
    work.await(result, token, op);
    return op;
  });
}

/** Norm, LM head and greedy choice for the last token of each sequence. */
function lowerHead(tools: Tools, group: TokenGroup, stream: Int32Array, hub: number): void {
  const { context, work, products } = tools;
  const tokens = Int32Array.from(stream.keys()).filter((t) => group.isLast[t] === 1);
  if (tokens.length === 0) return;
  const ready = normalise(tools, tokens, stream);
  const head = context.matrices.find(({ module }) => module === "lm-head")!;
  const logits = products.product(head.id, hub, { tokens, ready });
  const argmax = work.vectorClass("argmax", head.outputs);
  tokens.forEach((token, i) => {
    work.await(logits, i, work.vector(argmax, token));
  });
}

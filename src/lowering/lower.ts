import type { Mapping } from "../mapping/mapping.ts";
import { tileNodes } from "../mapping/position.ts";
import type { Arch } from "../model/arch.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { Op } from "../model/op.ts";
import type { Placement } from "../model/placement.ts";
import type { Workload } from "../model/workload.ts";
import type { Routes } from "./analog-part.ts";
import { lowerAttention } from "./attention.ts";
import type { AssignmentCount } from "./capacity.ts";
import type { Delivery, LoweringContext, TokenGroup } from "./context.ts";
import { createCopies } from "./copies.ts";
import type { DigitalPart } from "./cores.ts";
import { lowerFeedForward } from "./experts.ts";
import { createGraphSink, type Graph } from "./graph.ts";
import { createOpTable } from "./op-table.ts";
import { planLayers } from "./plan.ts";
import { createProducts } from "./product.ts";
import { createResidency } from "./residency.ts";
import { createResources, type Resource } from "./resources.ts";
import type { ChooseExperts } from "./routing.ts";
import type { Sink } from "./sink.ts";
import { createStepTable } from "./steps.ts";
import { createTallySink, type Tally } from "./tally.ts";
import type { Template } from "./template.ts";
import type { Tools } from "./tools.ts";
import { createDigitalWork } from "./work.ts";

/** One arch, workload and placement, ready to be lowered group by group. */
export interface Lowering {
  /** Distinct ops; op class c of graphs and tallies is ops[c]. Grows with every group. */
  readonly ops: readonly Op[];
  readonly resources: readonly Resource[];
  readonly nameOf: (resource: number) => string;
  /** Ops of one token group with all that they wait for. */
  readonly graph: (group: TokenGroup) => Graph;
  /** Whatever that function lowers. @param tokens about as many as it lowers */
  readonly graphOf: (tokens: number, lower: (tools: Tools) => void) => Graph;
  /** The same ops, only counted. */
  readonly tally: (group: TokenGroup) => Tally;
  readonly tallyOf: (lower: (tools: Tools) => void) => Tally;
  /** Block that is read by an op of that step, for templates compiled so far. */
  readonly blocksOfSteps: () => ReadonlyMap<number, number>;
  /** Times that each shared place for an expert was written so far. [slots] */
  readonly slotWrites: Float64Array;
  /** Of all groups lowered so far. */
  readonly assignments: Readonly<AssignmentCount>;
}

/**
 * Prepares the lowering of token groups: what is compiled for one group serves the next.
 *
 * Groups must be lowered in the order in which they run, since experts that take turns on
 * crossbars are where the group before has left them.
 *
 * @param placement as the mapping has it, after overflow
 * @param routes numbers of the routes between nodes of the interconnect
 */
export function createLowering(input: {
  readonly arch: Arch;
  readonly workload: Workload;
  readonly matrices: readonly WeightMatrix[];
  readonly placement: Placement;
  readonly mapping: Mapping;
  readonly digital: DigitalPart;
  readonly kvMemory: number;
  readonly routes: Routes;
  readonly chooseExperts: ChooseExperts;
  readonly capacity_factor?: number | undefined;
}): Lowering {
  const { arch, mapping, matrices, workload } = input;
  const residency = createResidency(mapping);
  const ops = createOpTable();
  const steps = createStepTable();
  const resources = createResources(arch, mapping);
  const tiles = arch.tiles.reduce((sum, kind) => sum + kind.count, 0);
  const context: LoweringContext = {
    ...input,
    capacity_factor: input.capacity_factor,
    assignments: { assigned: 0, dropped: 0 },
    layers: planLayers(matrices, workload.layers, arch.interconnect),
    residency,
    copies: createCopies(mapping, residency.tile),
    ops,
    resources,
    analog: {
      mapping,
      tile: residency.tile,
      nodes: tileNodes(arch.interconnect, tiles),
      inputBits: arch.tiles.map((kind) => kind.input.bits),
      ops,
      steps,
      resources,
      routes: input.routes,
    },
    productTemplates: new Map(),
    gatedTemplates: new Map(),
    weightedTemplates: new Map(),
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
    ops: ops.ops,
    resources: resources.list,
    nameOf: resources.nameOf,
    slotWrites: residency.writes,
    assignments: context.assignments,
    graph: (group) => graphOf(group.tokens, (tools) => lowerGroup(tools, group)),
    graphOf,
    blocksOfSteps: () =>
      blocksOf([
        ...context.productTemplates.values(),
        ...context.gatedTemplates.values(),
        ...context.weightedTemplates.values(),
      ]),
    tally: (group) => tallyOf((tools) => lowerGroup(tools, group)),
    tallyOf,
  };
}

function blocksOf(templates: readonly Template[]): ReadonlyMap<number, number> {
  const blocks = new Map<number, number>();
  for (const template of templates)
    template.reads.forEach((read, i) => {
      blocks.set(template.firstStep + read, template.blocks[i]!);
    });
  return blocks;
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

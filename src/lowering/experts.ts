import { createPlaces, DROPPED, expertCapacity } from "./capacity.ts";
import { type Delivery, ONE_EXIT, type TokenGroup } from "./context.ts";
import type { GatedIds, LayerPlan } from "./plan.ts";
import type { Inputs } from "./product.ts";
import type { Reduce } from "./reduction.ts";
import type { Template } from "./template.ts";
import type { Tools } from "./tools.ts";

/** The k results of each token: of its i-th expert at t * k + i; none where it was dropped. */
interface ExpertResults {
  readonly exits: Int32Array[];
  readonly base: Int32Array;
}

/**
 * The feed-forward block of one layer: dense, or router, chosen experts, shared expert and the
 * weighted sum of what they return.
 *
 * @param x normalised residual stream of every token of the group
 */
export function lowerFeedForward(
  tools: Tools,
  plan: LayerPlan,
  group: TokenGroup,
  x: Inputs,
): Delivery {
  if (plan.dense !== null) return tools.products.gated(plan.dense, plan.hub, x);
  const shared = plan.shared === null ? null : tools.products.gated(plan.shared, plan.hub, x);
  const gate = plan.sharedGate === undefined ? null : lowerSharedGate(tools, plan.sharedGate, x);
  const routed: Inputs = { tokens: x.tokens, ready: lowerRouter(tools, plan.router!, x) };
  const results = lowerExperts(tools, plan, group, routed);
  return combine(tools, routed, results, shared, gate);
}

const NO_EXIT = new Int32Array(0);

/**
 * Router: its weights are fetched once for the group and stay in the core, so that tokens need not
 * wait for one another; then scoring and choice by score.
 *
 * @returns the op that knows a token's experts. [tokens]
 */
function lowerRouter(tools: Tools, matrix: number, x: Inputs): Int32Array {
  const { context, work, sink } = tools;
  const { moe } = context.workload;
  const logits = tokenByToken(tools, matrix, x);
  const topK = work.vectorClass("top-k", moe.experts);
  const { fn, elements, isFirst } = scoring(moe);
  const score = work.vectorClass(fn, elements);
  return logits.map((logit, i) => {
    const token = x.tokens[i]!;
    const first = work.vector(isFirst ? score : topK, token);
    const second = work.vector(isFirst ? topK : score, token);
    sink.depend(logit, first);
    sink.depend(first, second);
    return second;
  });
}

/** What turns logits into weights, and whether that comes before the choice. */
function scoring(moe: {
  readonly experts: number;
  readonly active_experts: number;
  readonly router: { readonly scoring: string };
}): {
  readonly fn: "softmax" | "sigmoid";
  readonly elements: number;
  readonly isFirst: boolean;
} {
  if (moe.router.scoring === "softmax-of-top-k")
    return { fn: "softmax", elements: moe.active_experts, isFirst: false };
  const fn = moe.router.scoring === "sigmoid" ? "sigmoid" : "softmax";
  return { fn, elements: moe.experts, isFirst: true };
}

/** The sigmoid that weighs the shared expert. [tokens] */
function lowerSharedGate(tools: Tools, matrix: number, x: Inputs): Int32Array {
  const { work, sink } = tools;
  const sigmoid = work.vectorClass("sigmoid", 1);
  return tokenByToken(tools, matrix, x).map((logit, i) => {
    const op = work.vector(sigmoid, x.tokens[i]!);
    sink.depend(logit, op);
    return op;
  });
}

/** A small digital product, one op per token after one fetch of the weights. [tokens] */
function tokenByToken({ context, work, sink }: Tools, matrix: number, x: Inputs): Int32Array {
  const { weightMemory, activationMemory, weight_B, activation_B } = context.digital;
  const { inputs, outputs } = context.matrices[matrix]!;
  const fetchClass = work.memoryClass(weightMemory, "read", inputs * outputs * weight_B);
  const load = work.memoryClass(activationMemory, "read", inputs * activation_B);
  const store = work.memoryClass(activationMemory, "write", outputs * activation_B);
  const matmul = work.matmulClass({ batch: 1, tokens: 1, inputs, outputs });
  const fetch = work.memory(fetchClass, weightMemory, -1);
  sink.depend(x.ready[0]!, fetch);
  return x.tokens.map((token, i) => {
    const loaded = work.memory(load, activationMemory, token);
    const computed = work.matmul(matmul, token);
    const stored = work.memory(store, activationMemory, token);
    sink.depend(x.ready[i]!, loaded);
    sink.depend(loaded, computed);
    sink.depend(fetch, computed);
    sink.depend(computed, stored);
    return stored;
  });
}

/**
 * The chosen experts. Those that are analog throughout run token by token, in the order of
 * tokens; the others once for all tokens that chose them.
 */
function lowerExperts(
  tools: Tools,
  plan: LayerPlan,
  group: TokenGroup,
  routed: Inputs,
): ExpertResults {
  const { context } = tools;
  const { moe } = context.workload;
  const k = moe.active_experts;
  const results: ExpertResults = {
    exits: new Array<Int32Array>(group.tokens * k).fill(NO_EXIT),
    base: new Int32Array(group.tokens * k),
  };
  const together: number[][] = plan.experts.map(() => []);
  const chosen = new Int32Array(k);
  const capacity = expertCapacity(group.tokens, moe, context.capacity_factor);
  const takePlaces = createPlaces(moe.experts, capacity, context.assignments);
  for (let t = 0; t < group.tokens; t++) {
    const [sequence, position] = [group.sequence[t]!, group.length[t]! - 1];
    context.chooseExperts(plan.layer, group.address[t]!, chosen, sequence, position);
    takePlaces(chosen);
    const places = lowerAlone(tools, plan, chosen, routed, t, results);
    for (const i of places) together[chosen[i]!]!.push(t * k + i);
  }
  together.forEach((places, expert) => {
    if (places.length > 0) lowerTogether(tools, plan, expert, routed, places, results);
  });
  return results;
}

/**
 * The experts of one token that are analog throughout and fused; they share the messages that
 * bring the token, unless one may have to be written first.
 *
 * @param chosen dropped ones are passed over
 * @returns places among `chosen` of the other experts
 */
function lowerAlone(
  { context, products }: Tools,
  plan: LayerPlan,
  chosen: Int32Array,
  { ready }: Inputs,
  token: number,
  results: ExpertResults,
): readonly number[] {
  const { targets } = context.placement;
  const { programming } = products;
  const others: number[] = [];
  let places: number[] = [];
  let templates: Template[] = [];
  const sum = collectSum(products.reduce, plan.hub, token);
  const flush = (): void => {
    const bases = products.stamp(templates, plan.hub, ready[token]!, token);
    sum.add(templates, bases, places);
    bases.forEach((base, i) => {
      if (products.reduce !== null) return;
      const place = token * chosen.length + places[i]!;
      results.exits[place] = templates[i]!.exits;
      results.base[place] = base;
    });
    [places, templates] = [[], []];
  };
  const templateOf = (ids: GatedIds): Template | null =>
    products.reduce === null
      ? products.fusedTemplate(ids, plan.hub)
      : products.weightedTemplate(ids);
  chosen.forEach((expert, i) => {
    if (expert === DROPPED) return;
    const ids = plan.experts[expert]!;
    const isAlone = isAnalog(targets, ids);
    if (isAlone) {
      programming.bringIn(plan.layer, expert, ids, ready[token]!, token);
      context.copies.next(plan.layer, expert);
    }
    const template = isAlone ? templateOf(ids) : null;
    if (template === null) {
      others.push(i);
      return;
    }
    templates.push(template);
    places.push(i);
    if (programming.isNeeded) flush();
  });
  if (templates.length > 0) flush();
  sum.send(results, token * chosen.length);
  return others;
}

/** Results of a token's experts that routers add up: one vector, in the place of the first. */
function collectSum(reduce: Reduce | null, hub: number, token: number) {
  const templates: Template[] = [];
  const bases: number[] = [];
  let firstPlace = -1;
  return {
    add: (more: readonly Template[], moreBases: readonly number[], places: readonly number[]) => {
      if (reduce === null) return;
      templates.push(...more);
      bases.push(...moreBases);
      if (firstPlace < 0) firstPlace = places[0]!;
    },
    send: (results: ExpertResults, firstOfToken: number): void => {
      if (reduce === null || templates.length === 0) return;
      results.exits[firstOfToken + firstPlace] = reduce(templates, bases, hub, token);
      results.base[firstOfToken + firstPlace] = 0;
    },
  };
}

/** One expert for all tokens that chose it; their results go to `places`. */
function lowerTogether(
  { context, products }: Tools,
  plan: LayerPlan,
  expert: number,
  routed: Inputs,
  places: readonly number[],
  results: ExpertResults,
): void {
  const ids = plan.experts[expert]!;
  const k = context.workload.moe.active_experts;
  const tokens = Int32Array.from(places, (place) => Math.floor(place / k));
  const ready = tokens.map((t) => routed.ready[t]!);
  products.programming.bringIn(plan.layer, expert, ids, ready[0]!, tokens[0]!);
  const { exits, base } = products.gated(ids, plan.hub, { tokens, ready });
  places.forEach((place, i) => {
    results.exits[place] = exits;
    results.base[place] = base[i]!;
  });
}

function isAnalog(
  targets: readonly ("digital" | "analog")[],
  ids: { readonly gate: number; readonly up: number; readonly down: number },
): boolean {
  return [ids.gate, ids.up, ids.down].every((id) => targets[id] === "analog");
}

/**
 * Multiply-adds of all returned vectors with their weights, on one vector core; what routers have
 * added up comes weighted and counts as one. A token all of
 * whose experts were dropped, without a shared one, goes on as it is.
 */
function combine(
  { context, work, sink }: Tools,
  routed: Inputs,
  results: ExpertResults,
  shared: Delivery | null,
  gate: Int32Array | null,
): Delivery {
  const { moe, hidden_features } = context.workload;
  const k = moe.active_experts;
  const always = shared === null ? 0 : 1;
  const base = routed.tokens.map((token, t) => {
    let vectors = always;
    for (let at = t * k; at < t * k + k; at++) if (results.exits[at] !== NO_EXIT) vectors++;
    if (vectors === 0) return routed.ready[t]!;
    const op = work.vector(work.vectorClass("multiply-add", vectors * hidden_features), token);
    for (let at = t * k; at < t * k + k; at++)
      for (const exit of results.exits[at]!) sink.depend(results.base[at]! + exit, op);
    if (shared !== null) work.await(shared, t, op);
    if (gate !== null) sink.depend(gate[t]!, op);
    return op;
  });
  return { exits: ONE_EXIT, base };
}

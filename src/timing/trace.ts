import { countPredecessors, forEachSuccessor, type OpGraph, type Schedule } from "./graph.ts";
import { createLinks, switchInputs } from "./links.ts";

/** What a schedule implies but does not say. */
export interface Trace {
  /** All predecessors of an op are done. Shape [n]. */
  readonly ready_ps: Float64Array;
  /** Predecessors of op i: `predecessors[predecessorBegin[i] .. predecessorBegin[i + 1])`. */
  readonly predecessorBegin: Int32Array;
  readonly predecessors: Int32Array;
  /** Message i enters the links of its route at `heads_ps[headBegin[i] .. headBegin[i + 1])`. */
  readonly headBegin: Int32Array;
  readonly heads_ps: Float64Array;
  /** Inputs of switches, see `switchInputs`. Shape of `routes.links`. */
  readonly input: Int32Array;
}

/** Works out when each op was ready, and repeats the reservations of the messages in their order. */
export function traceOf(graph: OpGraph, schedule: Schedule): Trace {
  const backward = predecessorsOf(graph);
  const ready_ps = new Float64Array(graph.step.length);
  for (let op = 0; op < ready_ps.length; op++)
    forEachSuccessor(graph, op, (next) => {
      ready_ps[next] = Math.max(ready_ps[next]!, schedule.end_ps[op]!);
    });
  return {
    ready_ps,
    ...backward,
    ...messageHeads(graph, ready_ps),
    input: switchInputs(graph.routes),
  };
}

function predecessorsOf(graph: OpGraph): Pick<Trace, "predecessorBegin" | "predecessors"> {
  const n = graph.step.length;
  const predecessorBegin = offsetsOf(countPredecessors(graph));
  const place = predecessorBegin.slice(0, n);
  const predecessors = new Int32Array(predecessorBegin[n]!);
  for (let op = 0; op < n; op++)
    forEachSuccessor(graph, op, (next) => {
      predecessors[place[next]!++] = op;
    });
  return { predecessorBegin, predecessors };
}

function messageHeads(
  graph: OpGraph,
  ready_ps: Float64Array,
): Pick<Trace, "headBegin" | "heads_ps"> {
  const { step, routes } = graph;
  const { resource, duration_ps } = graph.steps;
  const hops = step.map((s) => {
    const route = ~resource[s]!;
    return route < 0 ? 0 : routes.begin[route + 1]! - routes.begin[route]!;
  });
  const headBegin = offsetsOf(hops);
  const heads_ps = new Float64Array(headBegin[hops.length]!);
  const links = createLinks(routes);
  const messages = Int32Array.from(hops.keys()).filter((op) => hops[op]! > 0);
  for (const op of messages.sort((a, b) => ready_ps[a]! - ready_ps[b]! || a - b)) {
    links.reserve(~resource[step[op]!]!, ready_ps[op]!, duration_ps[step[op]!]!);
    heads_ps.set(links.heads_ps.subarray(0, hops[op]!), headBegin[op]!);
  }
  return { headBegin, heads_ps };
}

/** Running sums, from 0. Shape [n + 1]. */
export function offsetsOf(sizes: Int32Array): Int32Array {
  const begin = new Int32Array(sizes.length + 1);
  for (let i = 0; i < sizes.length; i++) begin[i + 1] = begin[i]! + sizes[i]!;
  return begin;
}

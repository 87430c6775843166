import type { OpGraph, Schedule } from "./graph.ts";
import { createLinks } from "./links.ts";

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
}

/** Works out when each op was ready, and repeats the reservations of the messages in their order. */
export function traceOf(graph: OpGraph, schedule: Schedule): Trace {
  const backward = predecessorsOf(graph);
  const ready_ps = new Float64Array(graph.duration_ps.length);
  for (let op = 0; op < ready_ps.length; op++)
    for (let s = graph.successorBegin[op]!; s < graph.successorBegin[op + 1]!; s++) {
      const next = graph.successors[s]!;
      ready_ps[next] = Math.max(ready_ps[next]!, schedule.end_ps[op]!);
    }
  return { ready_ps, ...backward, ...messageHeads(graph, ready_ps) };
}

function predecessorsOf(graph: OpGraph): Pick<Trace, "predecessorBegin" | "predecessors"> {
  const { successorBegin, successors } = graph;
  const n = graph.duration_ps.length;
  const counts = new Int32Array(n);
  for (const op of successors) counts[op]!++;
  const predecessorBegin = offsetsOf(counts);
  const place = predecessorBegin.slice(0, n);
  const predecessors = new Int32Array(successors.length);
  for (let op = 0; op < n; op++)
    for (let s = successorBegin[op]!; s < successorBegin[op + 1]!; s++)
      predecessors[place[successors[s]!]!++] = op;
  return { predecessorBegin, predecessors };
}

function messageHeads(
  graph: OpGraph,
  ready_ps: Float64Array,
): Pick<Trace, "headBegin" | "heads_ps"> {
  const { resource, duration_ps, routes } = graph;
  const hops = Int32Array.from(resource, (r) =>
    r < 0 ? routes.begin[~r + 1]! - routes.begin[~r]! : 0,
  );
  const headBegin = offsetsOf(hops);
  const heads_ps = new Float64Array(headBegin[hops.length]!);
  const links = createLinks(routes);
  const messages = Int32Array.from(hops.keys()).filter((op) => hops[op]! > 0);
  for (const op of messages.sort((a, b) => ready_ps[a]! - ready_ps[b]! || a - b)) {
    links.reserve(~resource[op]!, ready_ps[op]!, duration_ps[op]!);
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

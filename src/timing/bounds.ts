import { forEachSuccessor, type OpGraph } from "./graph.ts";

/** Between these lies every makespan that `simulate` can give. Whole ps. */
export interface MakespanBounds {
  readonly lower_ps: number;
  readonly upper_ps: number;
}

/**
 * Bounds on the makespan without simulating.
 *
 * Lower: the longest chain of dependent ops, every message finding its links free; and the work of
 * each resource or link, which cannot begin before its first op can and is followed by what comes
 * after its last. Upper: all latencies in a row. Until the end some op is being served or some
 * message moves: one that waits does so for a message that reserved before it, that one perhaps for
 * an earlier one, and the first of them moves.
 *
 * @param graph with every successor numbered above its predecessor
 * @throws Error if it is not
 */
export function makespanBounds(graph: OpGraph): MakespanBounds {
  const ready_ps = earliestReady(graph);
  const rest_ps = longestRest(graph);
  let lower_ps = 0;
  let upper_ps = 0;
  for (let op = 0; op < rest_ps.length; op++) {
    lower_ps = Math.max(lower_ps, ready_ps[op]! + rest_ps[op]!);
    upper_ps += latency_ps(graph, op);
  }
  lower_ps = Math.max(lower_ps, busiestResource(graph, ready_ps, rest_ps));
  return { lower_ps: Math.max(lower_ps, busiestLink(graph, ready_ps, rest_ps)), upper_ps };
}

/** From ready to result when nothing is in the way. */
export function latency_ps(graph: OpGraph, op: number): number {
  const { duration_ps, tail_ps, resource } = graph.steps;
  const step = graph.step[op]!;
  const route = ~resource[step]!;
  if (route < 0) return duration_ps[step]! + tail_ps[step]!;
  const { begin, links, hop_ps } = graph.routes;
  if (begin[route] === begin[route + 1]) return tail_ps[step]!;
  let total_ps = duration_ps[step]! + tail_ps[step]!;
  for (let i = begin[route]!; i < begin[route + 1]!; i++) total_ps += hop_ps[links[i]!]!;
  return total_ps;
}

/** When each op could be ready at the earliest. Shape [n]. */
function earliestReady(graph: OpGraph): Float64Array {
  const ready_ps = new Float64Array(graph.step.length);
  for (let op = 0; op < ready_ps.length; op++) {
    const end_ps = ready_ps[op]! + latency_ps(graph, op);
    forEachSuccessor(graph, op, (next) => {
      if (next <= op) throw new Error(`op ${next} comes before its predecessor ${op}`);
      if (end_ps > ready_ps[next]!) ready_ps[next] = end_ps;
    });
  }
  return ready_ps;
}

/** From an op's readiness to the end of all that follows from it, at the least. Shape [n]. */
function longestRest(graph: OpGraph): Float64Array {
  const rest_ps = new Float64Array(graph.step.length);
  for (let op = rest_ps.length - 1; op >= 0; op--) {
    let after_ps = 0;
    forEachSuccessor(graph, op, (next) => {
      after_ps = Math.max(after_ps, rest_ps[next]!);
    });
    rest_ps[op] = latency_ps(graph, op) + after_ps;
  }
  return rest_ps;
}

/** First possible start + work shared by the servers + least remainder after an op's service. */
function busiestResource(graph: OpGraph, ready_ps: Float64Array, rest_ps: Float64Array): number {
  const { servers, step } = graph;
  const { resource, duration_ps } = graph.steps;
  const account = createAccount(servers.length);
  for (let op = 0; op < step.length; op++) {
    const s = step[op]!;
    const r = resource[s]!;
    if (r >= 0) account.add(r, duration_ps[s]!, ready_ps[op]!, rest_ps[op]! - duration_ps[s]!);
  }
  return account.longest_ps((r) => servers[r]!);
}

/** The same for links; a message reaches a link some hops after it is ready. */
function busiestLink(graph: OpGraph, ready_ps: Float64Array, rest_ps: Float64Array): number {
  const { step, routes } = graph;
  const { resource, duration_ps } = graph.steps;
  const account = createAccount(routes.linkCount);
  for (let op = 0; op < step.length; op++) {
    const s = step[op]!;
    const route = ~resource[s]!;
    if (route < 0) continue;
    let walked_ps = 0;
    for (let i = routes.begin[route]!; i < routes.begin[route + 1]!; i++) {
      const link = routes.links[i]!;
      const left_ps = rest_ps[op]! - walked_ps - duration_ps[s]!;
      account.add(link, duration_ps[s]!, ready_ps[op]! + walked_ps, left_ps);
      walked_ps += routes.hop_ps[link]!;
    }
  }
  return account.longest_ps(() => 1);
}

/** Work of each server pool, its earliest beginning and the least time that follows its end. */
function createAccount(pools: number) {
  const work_ps = new Float64Array(pools);
  const before_ps = new Float64Array(pools).fill(Infinity);
  const after_ps = new Float64Array(pools).fill(Infinity);
  return {
    add: (pool: number, duration_ps: number, earliest_ps: number, left_ps: number): void => {
      work_ps[pool]! += duration_ps;
      if (earliest_ps < before_ps[pool]!) before_ps[pool] = earliest_ps;
      if (left_ps < after_ps[pool]!) after_ps[pool] = left_ps;
    },
    longest_ps: (serversOf: (pool: number) => number): number => {
      let longest_ps = 0;
      for (let pool = 0; pool < pools; pool++) {
        if (work_ps[pool] === 0) continue;
        const shared_ps = Math.ceil(work_ps[pool]! / serversOf(pool));
        longest_ps = Math.max(longest_ps, before_ps[pool]! + shared_ps + after_ps[pool]!);
      }
      return longest_ps;
    },
  };
}

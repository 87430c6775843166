import { forEachSuccessor, isReduction, type OpGraph, type RouteTable } from "./graph.ts";

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
  const latencies_ps = stepLatencies(graph);
  const ready_ps = earliestReady(graph, latencies_ps);
  const rest_ps = longestRest(graph, latencies_ps);
  let lower_ps = 0;
  let upper_ps = 0;
  for (let op = 0; op < rest_ps.length; op++) {
    lower_ps = Math.max(lower_ps, ready_ps[op]! + rest_ps[op]!);
    upper_ps += latencies_ps[graph.step[op]!]!;
  }
  lower_ps = Math.max(lower_ps, busiestResource(graph, ready_ps, rest_ps));
  return {
    lower_ps: Math.max(lower_ps, busiestLink(graph, latencies_ps, ready_ps, rest_ps)),
    upper_ps,
  };
}

/** Latency of each step, see `latency_ps`. */
function stepLatencies(graph: OpGraph): Float64Array {
  return Float64Array.from(graph.steps.duration_ps, (_, s) => stepLatency_ps(graph, s));
}

/** From ready to result when nothing is in the way. */
export function latency_ps(graph: OpGraph, op: number): number {
  return stepLatency_ps(graph, graph.step[op]!);
}

function stepLatency_ps(graph: OpGraph, step: number): number {
  const { duration_ps, tail_ps, resource } = graph.steps;
  const route = ~resource[step]!;
  if (route < 0) return duration_ps[step]! + tail_ps[step]!;
  const { begin } = graph.routes;
  if (begin[route] === begin[route + 1]) return tail_ps[step]!;
  return walkRoute(graph.routes, route).last_ps + duration_ps[step]! + tail_ps[step]!;
}

/**
 * For each link of a route, when a head that meets nobody enters it, and how much later it is at
 * the last node behind; `last_ps` is how long a head takes to the last node of the route.
 */
function walkRoute(routes: RouteTable, route: number) {
  return isReduction(routes, route) ? walkReduction(routes, route) : walkMulticast(routes, route);
}

function walkReduction({ begin, links, parent, hop_ps }: RouteTable, route: number) {
  const first = begin[route]!;
  const size = begin[route + 1]! - first;
  const walked_ps = new Float64Array(size);
  const below_ps = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const next = parent[first + i]!;
    const there_ps = walked_ps[i]! + hop_ps[links[first + i]!]!;
    if (next >= 0) walked_ps[next] = Math.max(walked_ps[next]!, there_ps);
  }
  let last_ps = 0;
  for (let i = size - 1; i >= 0; i--) {
    const next = parent[first + i]!;
    below_ps[i] = hop_ps[links[first + i]!]! + (next < 0 ? 0 : below_ps[next]!);
    last_ps = Math.max(last_ps, walked_ps[i]! + below_ps[i]!);
  }
  return { walked_ps, below_ps, last_ps };
}

function walkMulticast({ begin, links, parent, hop_ps }: RouteTable, route: number) {
  const first = begin[route]!;
  const size = begin[route + 1]! - first;
  const walked_ps = new Float64Array(size);
  const below_ps = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const before = parent[first + i]!;
    if (before >= 0) walked_ps[i] = walked_ps[before]! + hop_ps[links[first + before]!]!;
  }
  let last_ps = 0;
  for (let i = size - 1; i >= 0; i--) {
    below_ps[i] = Math.max(below_ps[i]!, hop_ps[links[first + i]!]!);
    const before = parent[first + i]!;
    last_ps = Math.max(last_ps, walked_ps[i]! + below_ps[i]!);
    if (before >= 0)
      below_ps[before] = Math.max(
        below_ps[before]!,
        hop_ps[links[first + before]!]! + below_ps[i]!,
      );
  }
  return { walked_ps, below_ps, last_ps };
}

/** When each op could be ready at the earliest. Shape [n]. */
function earliestReady(graph: OpGraph, latencies_ps: Float64Array): Float64Array {
  const ready_ps = new Float64Array(graph.step.length);
  for (let op = 0; op < ready_ps.length; op++) {
    const end_ps = ready_ps[op]! + latencies_ps[graph.step[op]!]!;
    forEachSuccessor(graph, op, (next) => {
      if (next <= op) throw new Error(`op ${next} comes before its predecessor ${op}`);
      if (end_ps > ready_ps[next]!) ready_ps[next] = end_ps;
    });
  }
  return ready_ps;
}

/** From an op's readiness to the end of all that follows from it, at the least. Shape [n]. */
function longestRest(graph: OpGraph, latencies_ps: Float64Array): Float64Array {
  const rest_ps = new Float64Array(graph.step.length);
  for (let op = rest_ps.length - 1; op >= 0; op--) {
    let after_ps = 0;
    forEachSuccessor(graph, op, (next) => {
      after_ps = Math.max(after_ps, rest_ps[next]!);
    });
    rest_ps[op] = latencies_ps[graph.step[op]!]! + after_ps;
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

/**
 * The same for links; a message reaches a link some hops after it is ready, and from there on it
 * has at least the way to the nodes behind that link to go.
 */
function busiestLink(
  graph: OpGraph,
  latencies_ps: Float64Array,
  ready_ps: Float64Array,
  rest_ps: Float64Array,
): number {
  const { step, routes } = graph;
  const { resource, duration_ps, tail_ps } = graph.steps;
  const account = createAccount(routes.linkCount);
  const walks = new Map<number, ReturnType<typeof walkRoute>>();
  for (let op = 0; op < step.length; op++) {
    const s = step[op]!;
    const route = ~resource[s]!;
    if (route < 0) continue;
    const walk = walks.get(route) ?? walkRoute(routes, route);
    walks.set(route, walk);
    const after_ps = rest_ps[op]! - latencies_ps[s]! + tail_ps[s]!;
    for (let i = 0; i < walk.walked_ps.length; i++) {
      const link = routes.links[routes.begin[route]! + i]!;
      const begin_ps = ready_ps[op]! + walk.walked_ps[i]!;
      account.add(link, duration_ps[s]!, begin_ps, after_ps + walk.below_ps[i]!);
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

import fc from "fast-check";
import { forEachSuccessor, type OpGraph, type RouteTable } from "../../src/timing/graph.ts";

/** An op as tests write it; a route is a list of links. */
export interface PlainOp {
  readonly duration_ps: number;
  readonly tail_ps?: number;
  /** Left out for a message. */
  readonly resource?: number;
  readonly route?: readonly number[];
  /** Of each link of the route, the place of the one before it (in a reduction: after it), or -1; left out: a line. */
  readonly parent?: readonly number[];
  readonly predecessors?: readonly number[];
}

/** Ops on resources with these servers and links with these hop times. */
export function graphOf(
  ops: readonly PlainOp[],
  servers: readonly number[] = [],
  hop_ps: readonly number[] = [],
): OpGraph {
  const messages = ops.filter((op) => op.route !== undefined);
  const successors = ops.map((): Set<number> => new Set());
  ops.forEach(({ predecessors = [] }, op) => {
    for (const p of predecessors) successors[p]!.add(op);
  });
  const { aheadBegin, ahead, firstEdge, edges } = edgesOf(successors.map((next) => [...next]));
  return {
    step: Int32Array.from(ops.keys()),
    steps: {
      duration_ps: Float64Array.from(ops, (op) => op.duration_ps),
      tail_ps: Float64Array.from(ops, (op) => op.tail_ps ?? 0),
      resource: Int32Array.from(ops, (op) => op.resource ?? ~messages.indexOf(op)),
      aheadBegin,
      ahead,
    },
    servers: Int32Array.from(servers),
    routes: routesOf(messages, hop_ps),
    firstEdge,
    edges,
  };
}

/** Successors of even ops belong to their steps, those of odd ops to the ops themselves. */
function edgesOf(
  successors: readonly (readonly number[])[],
): Pick<OpGraph, "firstEdge" | "edges"> & Pick<OpGraph["steps"], "aheadBegin" | "ahead"> {
  const ofSteps = successors.map((next, op) => (op % 2 === 0 ? next.map((to) => to - op) : []));
  const firstEdge = new Int32Array(successors.length);
  const edges = [0, 0];
  successors.forEach((next, op) => {
    if (op % 2 === 0) return;
    for (const to of next) {
      edges.push(to, firstEdge[op]!);
      firstEdge[op] = edges.length / 2 - 1;
    }
  });
  return {
    aheadBegin: offsets(ofSteps.map((next) => next.length)),
    ahead: Int32Array.from(ofSteps.flat()),
    firstEdge,
    edges: Int32Array.from(edges),
  };
}

/** One entry per op in place of steps. */
export function flat(graph: OpGraph) {
  const { step, steps } = graph;
  const successors = Array.from(step.keys(), (op) => {
    const next: number[] = [];
    forEachSuccessor(graph, op, (to) => next.push(to));
    return next;
  });
  return {
    duration_ps: Array.from(step, (s) => steps.duration_ps[s]!),
    tail_ps: Array.from(step, (s) => steps.tail_ps[s]!),
    resource: Array.from(step, (s) => steps.resource[s]!),
    successors,
  };
}

function routesOf(messages: readonly PlainOp[], hop_ps: readonly number[]): RouteTable {
  const routes = messages.map(({ route = [] }) => route);
  return {
    begin: offsets(routes.map((r) => r.length)),
    links: Int32Array.from(routes.flat()),
    parent: Int32Array.from(
      messages.flatMap(({ route = [], parent }) => parent ?? route.map((_, i) => i - 1)),
    ),
    linkCount: hop_ps.length,
    hop_ps: Float64Array.from(hop_ps),
  };
}

function offsets(sizes: readonly number[]): Int32Array {
  const begin = new Int32Array(sizes.length + 1);
  sizes.forEach((size, i) => {
    begin[i + 1] = begin[i]! + size;
  });
  return begin;
}

export interface PlainGraph {
  readonly ops: readonly PlainOp[];
  readonly servers: readonly number[];
  readonly hop_ps: readonly number[];
}

const LINKS = 5;

const anyOp = fc.record({
  duration_ps: fc.integer({ min: 1, max: 9 }),
  tail_ps: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5 })),
  place: fc.oneof(
    fc.record({ resource: fc.integer({ min: 0, max: 3 }) }),
    fc
      .record({
        route: fc.uniqueArray(fc.integer({ min: 0, max: LINKS - 1 }), { maxLength: 4 }),
        forks: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
        shape: fc.constantFrom("line", "multicast", "reduction"),
      })
      .map(({ route, forks, shape }) => ({
        route,
        parent: route.map((_, i) => {
          if (shape === "line") return i - 1;
          if (shape === "multicast") return (forks[i]! % (i + 1)) - 1;
          const after = route.length - 1 - i;
          return after === 0 ? -1 : i + 1 + (forks[i]! % after);
        }),
      })),
  ),
  predecessors: fc.array(fc.nat(), { maxLength: 3 }),
});

/** Random acyclic graphs: at most `maxOps` ops and messages on four resources and five links. */
export const anyPlainGraph = (maxOps: number): fc.Arbitrary<PlainGraph> =>
  fc.record({
    ops: fc.array(anyOp, { maxLength: maxOps }).map((ops) =>
      ops.map(
        ({ place, predecessors, ...op }, i): PlainOp => ({
          ...op,
          ...place,
          predecessors: i === 0 ? [] : [...new Set(predecessors.map((p) => p % i))],
        }),
      ),
    ),
    servers: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
    hop_ps: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: LINKS, maxLength: LINKS }),
  });

export const anyGraph = (maxOps: number): fc.Arbitrary<OpGraph> =>
  anyPlainGraph(maxOps).map(({ ops, servers, hop_ps }) => graphOf(ops, servers, hop_ps));

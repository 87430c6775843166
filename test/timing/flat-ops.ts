import type { OpGraph } from "../../src/timing/graph.ts";

/** A graph with one entry per op in place of steps. */
export interface FlatOps extends Pick<OpGraph, "servers" | "routes"> {
  readonly duration_ps: Float64Array;
  readonly tail_ps: Float64Array;
  readonly resource: Int32Array;
  /** Successors of op i: `successors[successorBegin[i] .. successorBegin[i + 1])`. Shape [n + 1]. */
  readonly successorBegin: Int32Array;
  readonly successors: Int32Array;
}

/** The graph in which every op has a step of its own. */
export function graphOfOps(ops: FlatOps): OpGraph {
  const { duration_ps, tail_ps, resource, successorBegin, successors, servers, routes } = ops;
  const ahead = successors.slice();
  for (let op = 0; op < duration_ps.length; op++)
    for (let s = successorBegin[op]!; s < successorBegin[op + 1]!; s++) ahead[s]! -= op;
  return {
    step: Int32Array.from(duration_ps.keys()),
    steps: { duration_ps, tail_ps, resource, aheadBegin: successorBegin, ahead },
    servers,
    routes,
    firstEdge: new Int32Array(duration_ps.length),
    edges: Int32Array.of(0, 0),
  };
}

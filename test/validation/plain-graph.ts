import type { OpGraph } from "../../src/timing/graph.ts";

interface PlainOp {
  readonly duration_ps: number;
  readonly tail_ps: number;
  /** >= 0: a resource; < 0: a message on route `~resource`. */
  readonly resource: number;
  /** Numbers of the ops that it waits for. */
  readonly after: readonly number[];
}

/** A graph in which no two ops share a step, from a list of ops. */
export function plainGraph({
  ops,
  servers,
  routes,
}: Pick<OpGraph, "servers" | "routes"> & { readonly ops: readonly PlainOp[] }): OpGraph {
  return {
    step: Int32Array.from(ops.keys()),
    steps: {
      duration_ps: Float64Array.from(ops, (op) => op.duration_ps),
      tail_ps: Float64Array.from(ops, (op) => op.tail_ps),
      resource: Int32Array.from(ops, (op) => op.resource),
      aheadBegin: new Int32Array(ops.length + 1),
      ahead: new Int32Array(0),
    },
    servers,
    routes,
    ...edgesOf(ops),
  };
}

/** Successors as linked lists; entry 0 ends them. */
function edgesOf(ops: readonly PlainOp[]): Pick<OpGraph, "firstEdge" | "edges"> {
  const firstEdge = new Int32Array(ops.length);
  const edges = [0, 0];
  ops.forEach(({ after }, op) => {
    for (const before of after) {
      edges.push(op, firstEdge[before]!);
      firstEdge[before] = edges.length / 2 - 1;
    }
  });
  return { firstEdge, edges: Int32Array.from(edges) };
}

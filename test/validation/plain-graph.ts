import type { OpGraph } from "../../src/timing/graph.ts";
import { graphOfOps } from "../timing/flat-ops.ts";

interface PlainOp {
  readonly duration_ps: number;
  readonly tail_ps: number;
  /** >= 0: a resource; < 0: a message on route `~resource`. */
  readonly resource: number;
  /** Numbers of the ops that it waits for. */
  readonly after: readonly number[];
}

/** A graph from a list of ops that name their predecessors. */
export function plainGraph({
  ops,
  servers,
  routes,
}: Pick<OpGraph, "servers" | "routes"> & { readonly ops: readonly PlainOp[] }): OpGraph {
  return graphOfOps({
    duration_ps: Float64Array.from(ops, (op) => op.duration_ps),
    tail_ps: Float64Array.from(ops, (op) => op.tail_ps),
    resource: Int32Array.from(ops, (op) => op.resource),
    servers,
    routes,
    ...successorsOf(ops),
  });
}

function successorsOf(ops: readonly PlainOp[]) {
  const successorBegin = new Int32Array(ops.length + 1);
  for (const { after } of ops) for (const before of after) successorBegin[before + 1]!++;
  for (let op = 0; op < ops.length; op++) successorBegin[op + 1]! += successorBegin[op]!;
  const next = successorBegin.slice();
  const successors = new Int32Array(successorBegin[ops.length]!);
  ops.forEach(({ after }, op) => {
    for (const before of after) successors[next[before]!++] = op;
  });
  return { successorBegin, successors };
}

import { reversed } from "./buffers.ts";
import { forEachSuccessor, type OpGraph } from "./graph.ts";

/** Resources whose full buffers wait for one another; nothing can go on. */
export class Deadlock extends Error {
  /** Each waits for the next, the last for the first. */
  readonly resources: readonly number[];

  constructor(resources: readonly number[]) {
    const ring = [...resources, resources[0]].join(" -> ");
    super(`deadlock: full buffers of resources ${ring} wait for one another`);
    this.resources = resources;
  }
}

/**
 * Follows what waits for what until a resource comes up again.
 *
 * An op that has its predecessors and has not begun waits for a place at its resource. That place
 * is held by the result of an op with a successor that has not begun; the successor waits for a
 * place elsewhere, or for a predecessor that has not begun.
 *
 * @param hasBegun 1: op has begun. [n]
 * @returns null if ops wait for themselves: the graph has a cycle
 */
export function findRing(graph: OpGraph, hasBegun: Uint8Array): readonly number[] | null {
  const { step, steps } = graph;
  const { begin, predecessors } = reversed(graph);
  const resourceOf = (op: number): number => steps.resource[step[op]!]!;
  /** The op that keeps `op` from becoming ready, or itself if it is ready; -1: a cycle of ops. */
  const blocked = (op: number): number => {
    let at = op;
    for (let steps = 0; steps <= step.length; steps++) {
      const before = predecessors.subarray(begin[at]!, begin[at + 1]!).find((p) => !hasBegun[p]);
      if (before === undefined) return at;
      at = before;
    }
    return -1;
  };
  const path: number[] = [];
  let op = blocked(hasBegun.indexOf(0));
  while (op >= 0) {
    const resource = resourceOf(op);
    const seen = path.indexOf(resource);
    if (seen >= 0) return path.slice(seen);
    path.push(resource);
    op = nextBlocked(graph, resource, hasBegun, blocked);
  }
  return null;
}

/** What the results that fill a resource wait for. */
function nextBlocked(
  graph: OpGraph,
  resource: number,
  hasBegun: Uint8Array,
  blocked: (op: number) => number,
): number {
  const { step, steps } = graph;
  for (let op = 0; op < step.length; op++) {
    if (hasBegun[op] === 0 || steps.resource[step[op]!] !== resource) continue;
    let waiting = -1;
    forEachSuccessor(graph, op, (next) => {
      if (hasBegun[next] === 0) waiting = next;
    });
    if (waiting >= 0) return blocked(waiting);
  }
  return -1;
}

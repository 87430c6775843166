import { forEachSuccessor, type OpGraph } from "./graph.ts";

/** Places for results that nobody has begun to use yet, where resources have only so many. */
export interface Buffers {
  /** Is there a place for the result of one more op? */
  readonly hasRoom: (resource: number) => boolean;
  /** An op begins: its place is taken, and those of its predecessors may become free. */
  readonly begin: (op: number) => void;
  /** The result of an op is there; without successors its place is free again. */
  readonly end: (op: number) => void;
}

const UNLIMITED = -1;

/**
 * Counts the places of each resource: one for each server, and as many more as its buffer has. The
 * result of an op takes one from its begin until all of its successors have begun.
 *
 * @param onFree is told of resources with a place that has become free
 * @returns null if no resource has a limit
 */
export function createBuffers(graph: OpGraph, onFree: (resource: number) => void): Buffers | null {
  const { buffers, servers, step } = graph;
  if (buffers === undefined) return null;
  const { resource } = graph.steps;
  const free = buffers.map((extra, r) => (extra === UNLIMITED ? UNLIMITED : servers[r]! + extra));
  const { begin, predecessors, missing } = reversed(graph);
  const isLimited = (r: number): boolean => r >= 0 && buffers[r] !== UNLIMITED;
  const release = (op: number): void => {
    const r = resource[step[op]!]!;
    if (!isLimited(r)) return;
    free[r]!++;
    onFree(r);
  };
  return {
    hasRoom: (r) => free[r] !== 0,
    begin: (op) => {
      const r = resource[step[op]!]!;
      if (isLimited(r)) free[r]!--;
      for (let i = begin[op]!; i < begin[op + 1]!; i++) {
        const before = predecessors[i]!;
        if (--missing[before]! === 0) release(before);
      }
    },
    end: (op) => {
      if (missing[op] === 0 && hasNoSuccessor(graph, op)) release(op);
    },
  };
}

function hasNoSuccessor({ step, steps, firstEdge }: OpGraph, op: number): boolean {
  const s = step[op]!;
  return steps.aheadBegin[s] === steps.aheadBegin[s + 1] && firstEdge[op] === 0;
}

/** Predecessors of each op, and how many successors it has. */
export function reversed(graph: OpGraph): {
  readonly begin: Int32Array;
  readonly predecessors: Int32Array;
  readonly missing: Int32Array;
} {
  const n = graph.step.length;
  const begin = new Int32Array(n + 1);
  const missing = new Int32Array(n);
  for (let op = 0; op < n; op++)
    forEachSuccessor(graph, op, (next) => {
      begin[next + 1]!++;
      missing[op]!++;
    });
  for (let op = 0; op < n; op++) begin[op + 1]! += begin[op]!;
  const at = begin.slice();
  const predecessors = new Int32Array(begin[n]!);
  for (let op = 0; op < n; op++)
    forEachSuccessor(graph, op, (next) => {
      predecessors[at[next]!++] = op;
    });
  return { begin, predecessors, missing };
}

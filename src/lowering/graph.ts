import { createOrigins, type Origins } from "./origins.ts";
import type { Sink } from "./sink.ts";
import type { Steps, StepTable } from "./steps.ts";
import type { Template } from "./template.ts";

/** Ops in program order. */
export interface Graph {
  readonly opCount: number;
  /** Index into the columns of `steps`. [opCount] */
  readonly step: Int32Array;
  readonly steps: Steps;
  /**
   * Successors beside those within a template, as linked lists: the first one of op i is
   * edges[2 e], the next one follows at e = edges[2 e + 1], from e = firstEdge[i] on until 0.
   * [opCount]
   */
  readonly firstEdge: Int32Array;
  readonly edges: Int32Array;
  readonly origins: Origins;
}

export interface GraphSink extends Sink {
  readonly finish: () => Graph;
}

/** Ops of a token to begin with; what is reserved and never touched costs nothing. */
const OPS_PER_TOKEN = 1 << 13;

/** Collects ops and edges in growing columns. */
export function createGraphSink(steps: StepTable, tokens: number): GraphSink {
  const origins = createOrigins();
  let step = new Int32Array(OPS_PER_TOKEN * tokens);
  let firstEdge = new Int32Array(OPS_PER_TOKEN * tokens);
  let edges = new Int32Array(OPS_PER_TOKEN * tokens);
  let ops = 0;
  let edgeCount = 1;
  let layer = -1;

  const reserveOps = (more: number): void => {
    if (ops + more <= step.length) return;
    const size = Math.max(ops + more, 2 * step.length);
    step = grown(step, size);
    firstEdge = grown(firstEdge, size);
  };
  const depend = (before: number, after: number): void => {
    if (2 * edgeCount === edges.length) edges = grown(edges, 4 * edgeCount);
    edges[2 * edgeCount] = after;
    edges[2 * edgeCount + 1] = firstEdge[before]!;
    firstEdge[before] = edgeCount++;
  };

  return {
    setLayer: (number) => {
      layer = number;
    },
    add: (classNumber, resourceNumber, token) => {
      reserveOps(1);
      step[ops] = steps.single(classNumber, resourceNumber);
      origins.add(ops, layer, token);
      return ops++;
    },
    depend,
    stamp: (template: Template, before, token) => {
      const { firstStep, size, entries, entryInput } = template;
      reserveOps(size);
      const first = ops;
      for (let i = 0; i < size; i++) step[first + i] = firstStep + i;
      origins.add(first, layer, token);
      ops += size;
      for (let e = 0; e < entries.length; e++) depend(before[entryInput[e]!]!, first + entries[e]!);
      return first;
    },
    finish: () => ({
      opCount: ops,
      step: step.subarray(0, ops),
      steps: steps.columns(),
      firstEdge: firstEdge.subarray(0, ops),
      edges: edges.subarray(0, 2 * edgeCount),
      origins: origins.finish(),
    }),
  };
}

function grown(from: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(size);
  to.set(from);
  return to;
}

import type { Sink } from "./sink.ts";
import type { Template } from "./template.ts";

/** Ops in program order, one column per property. */
export interface Graph {
  readonly opCount: number;
  /** Index into the op table. [opCount], as all but the last two. */
  readonly opClass: Int32Array;
  /** >= 0: a resource; < 0: a message over route ~resource. */
  readonly resource: Int32Array;
  /** -1: embedding, LM head. */
  readonly layer: Int16Array;
  /** Number of the token within the group; -1: work on the whole group. */
  readonly token: Int32Array;
  /** Successors of op i are successors[successorBegin[i] .. successorBegin[i + 1]). [opCount + 1] */
  readonly successorBegin: Int32Array;
  readonly successors: Int32Array;
}

export interface GraphSink extends Sink {
  readonly finish: () => Graph;
}

/** Collects ops and edges in growing columns. */
export function createGraphSink(): GraphSink {
  let opClass = new Int32Array(1 << 12);
  let resource = new Int32Array(1 << 12);
  let layers = new Int16Array(1 << 12);
  let tokens = new Int32Array(1 << 12);
  let edgeFrom = new Int32Array(1 << 13);
  let edgeTo = new Int32Array(1 << 13);
  let ops = 0;
  let edges = 0;
  let layer = -1;

  const reserveOps = (more: number): void => {
    if (ops + more <= opClass.length) return;
    const size = grownSize(opClass.length, ops + more);
    opClass = grown(opClass, new Int32Array(size));
    resource = grown(resource, new Int32Array(size));
    layers = grown(layers, new Int16Array(size));
    tokens = grown(tokens, new Int32Array(size));
  };
  const reserveEdges = (more: number): void => {
    if (edges + more <= edgeFrom.length) return;
    const size = grownSize(edgeFrom.length, edges + more);
    edgeFrom = grown(edgeFrom, new Int32Array(size));
    edgeTo = grown(edgeTo, new Int32Array(size));
  };
  const copyEdges = (template: Template, before: number, first: number): void => {
    const { edgeFrom: from, edgeTo: to, entries } = template;
    reserveEdges(from.length + entries.length);
    for (let e = 0; e < from.length; e++) {
      edgeFrom[edges] = first + from[e]!;
      edgeTo[edges++] = first + to[e]!;
    }
    for (let e = 0; e < entries.length; e++) {
      edgeFrom[edges] = before;
      edgeTo[edges++] = first + entries[e]!;
    }
  };

  return {
    setLayer: (number) => {
      layer = number;
    },
    add: (classNumber, resourceNumber, token) => {
      if (ops === opClass.length) reserveOps(1);
      opClass[ops] = classNumber;
      resource[ops] = resourceNumber;
      layers[ops] = layer;
      tokens[ops] = token;
      return ops++;
    },
    depend: (before, after) => {
      if (edges === edgeFrom.length) reserveEdges(1);
      edgeFrom[edges] = before;
      edgeTo[edges++] = after;
    },
    stamp: (template, before, token) => {
      const first = ops;
      const size = template.opClass.length;
      reserveOps(size);
      opClass.set(template.opClass, first);
      resource.set(template.resource, first);
      layers.fill(layer, first, first + size);
      tokens.fill(token, first, first + size);
      ops += size;
      copyEdges(template, before, first);
      return first;
    },
    finish: () => ({
      opCount: ops,
      opClass: opClass.subarray(0, ops),
      resource: resource.subarray(0, ops),
      layer: layers.subarray(0, ops),
      token: tokens.subarray(0, ops),
      ...compressEdges(ops, edgeFrom.subarray(0, edges), edgeTo.subarray(0, edges)),
    }),
  };
}

const grownSize = (now: number, wanted: number): number =>
  Math.max(wanted, now + (now >> 1) + 1024);

function grown<T extends Int32Array | Int16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Edge list to successor lists, by counting sort: an op's successors keep the order of edges. */
function compressEdges(
  ops: number,
  edgeFrom: Int32Array,
  edgeTo: Int32Array,
): { readonly successorBegin: Int32Array; readonly successors: Int32Array } {
  const successorBegin = new Int32Array(ops + 1);
  for (const from of edgeFrom) successorBegin[from + 1]!++;
  for (let op = 0; op < ops; op++) successorBegin[op + 1]! += successorBegin[op]!;
  const next = successorBegin.slice(0, ops);
  const successors = new Int32Array(edgeTo.length);
  for (let e = 0; e < edgeTo.length; e++) successors[next[edgeFrom[e]!]!++] = edgeTo[e]!;
  return { successorBegin, successors };
}

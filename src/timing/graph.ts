/**
 * The routes that messages may take, interned: one entry per pair of nodes that talk, or per node
 * and the nodes that it sends to at once. The links of a route are a tree.
 */
export interface RouteTable {
  /** Route r crosses `links[begin[r] .. begin[r + 1])`. Shape [routes + 1]. */
  readonly begin: Int32Array;
  readonly links: Int32Array;
  /**
   * Place within the route of the neighbouring link towards the node that sends: it is listed
   * before. Of a reduction, towards the node that receives: it is listed after. -1 for links at
   * that node. Shape of `links`.
   */
  readonly parent: Int32Array;
  readonly linkCount: number;
  /** From a message's head entering the link to its reaching the next one; whole ps, >= 0. Shape [linkCount]. */
  readonly hop_ps: Float64Array;
  /** Left out: messages reserve links as a whole. */
  readonly flits?: FlitTiming;
}

/** Routers that work flit by flit, see `flits.ts`. */
export interface FlitTiming {
  /** A flit takes one cycle per link. Whole ps. */
  readonly cycle_ps: number;
  /** Lanes of the buffer behind each link, and flits of a lane. */
  readonly channels: number;
  readonly depth: number;
}

/** Do messages come together on the route? Its links are listed towards the one receiver. */
export function isReduction({ begin, parent }: RouteTable, route: number): boolean {
  return begin[route]! < begin[route + 1]! && parent[begin[route]!]! >= 0;
}

/** What ops can be, one column per property; ops that are alike share a step. */
export interface StepColumns {
  /** Time at one server; of a message: its serialisation time on one link. Whole ps, >= 1. Shape [steps]. */
  readonly duration_ps: Float64Array;
  /**
   * The result is there that much later than the server is free again: the depth of a pipeline, the
   * latency of a memory. Whole ps, >= 0. Shape [steps].
   */
  readonly tail_ps: Float64Array;
  /** >= 0: the resource that serves the op; < 0: a message on route `~resource`. Shape [steps]. */
  readonly resource: Int32Array;
  /**
   * Op i of step s is followed by ops `i + ahead[aheadBegin[s] .. aheadBegin[s + 1])`; op i + a is
   * then of step s + a. Shape [steps + 1].
   */
  readonly aheadBegin: Int32Array;
  readonly ahead: Int32Array;
}

/**
 * A lowered workload, one column per property (struct of arrays).
 *
 * Ops are numbered 0..n-1 in program order. An op is either served by one server of a resource (a
 * tile, a core, a memory) or it is a message on a route. Successors are those that its step has,
 * and those of its own.
 */
export interface OpGraph {
  /** Shape [n]. */
  readonly step: Int32Array;
  readonly steps: StepColumns;
  /** Servers of each resource, >= 1. Shape [resources]. */
  readonly servers: Int32Array;
  /**
   * Results that each resource can keep beside those of the ops in its servers, -1: any number. A
   * result is kept until all successors of its op have begun; an op begins only when there is a
   * place for its result. Left out: no limits. Shape [resources].
   */
  readonly buffers?: Int32Array;
  readonly routes: RouteTable;
  /**
   * Own successors of op i, a linked list: `edges[2 e]`, e = `firstEdge[i]`, then the same at
   * e = `edges[2 e + 1]`, until e = 0. Shape [n].
   */
  readonly firstEdge: Int32Array;
  readonly edges: Int32Array;
}

/** Calls back for each successor of an op. */
export function forEachSuccessor(graph: OpGraph, op: number, visit: (next: number) => void): void {
  const { steps, edges } = graph;
  const step = graph.step[op]!;
  for (let s = steps.aheadBegin[step]!; s < steps.aheadBegin[step + 1]!; s++)
    visit(op + steps.ahead[s]!);
  for (let e = graph.firstEdge[op]!; e !== 0; e = edges[2 * e + 1]!) visit(edges[2 * e]!);
}

/** Number of predecessors of each op. Shape [n]. */
export function countPredecessors({ step, steps, edges }: OpGraph): Int32Array {
  const { aheadBegin, ahead } = steps;
  const ofStep = new Int32Array(aheadBegin.length - 1);
  for (let s = 0; s < ofStep.length; s++)
    for (let a = aheadBegin[s]!; a < aheadBegin[s + 1]!; a++) ofStep[s + ahead[a]!]!++;
  const counts = new Int32Array(step.length);
  for (let op = 0; op < step.length; op++) counts[op] = ofStep[step[op]!]!;
  for (let e = 2; e < edges.length; e += 2) counts[edges[e]!]!++;
  return counts;
}

/** How long it took, and how much of that each server pool worked. */
export interface Totals {
  readonly makespan_ps: number;
  /** Server time spent on ops. Shape [resources]. */
  readonly busy_ps: Float64Array;
  /** Shape [links]. */
  readonly linkBusy_ps: Float64Array;
}

/** When each op ran, too. */
export interface Schedule extends Totals {
  /** Service begins; of a message: its head enters the first link. Shape [n]. */
  readonly start_ps: Float64Array;
  /** The result is available. Shape [n]. */
  readonly end_ps: Float64Array;
}

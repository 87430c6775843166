/** The routes that messages may take, interned: one entry per pair of nodes that talk. */
export interface RouteTable {
  /** Route r crosses `links[begin[r] .. begin[r + 1])`, in that order. Shape [routes + 1]. */
  readonly begin: Int32Array;
  readonly links: Int32Array;
  readonly linkCount: number;
  /** From a message's head entering the link to its reaching the next one; whole ps, >= 0. Shape [linkCount]. */
  readonly hop_ps: Float64Array;
}

/**
 * A lowered workload, one column per property (struct of arrays).
 *
 * Ops are numbered 0..n-1 in program order. An op is either served by one server of a resource (a
 * tile, a core, a memory) or it is a message on a route.
 */
export interface OpGraph {
  /** Time at one server; of a message: its serialisation time on one link. Whole ps, >= 1. Shape [n]. */
  readonly duration_ps: Float64Array;
  /**
   * The result is there that much later than the server is free again: the depth of a pipeline, the
   * latency of a memory. Whole ps, >= 0. Shape [n].
   */
  readonly tail_ps: Float64Array;
  /** >= 0: the resource that serves the op; < 0: a message on route `~resource`. Shape [n]. */
  readonly resource: Int32Array;
  /** Servers of each resource, >= 1. Shape [resources]. */
  readonly servers: Int32Array;
  readonly routes: RouteTable;
  /** Successors of op i: `successors[successorBegin[i] .. successorBegin[i + 1])`. Shape [n + 1]. */
  readonly successorBegin: Int32Array;
  readonly successors: Int32Array;
}

export interface Schedule {
  /** Service begins; of a message: its head enters the first link. Shape [n]. */
  readonly start_ps: Float64Array;
  /** The result is available. Shape [n]. */
  readonly end_ps: Float64Array;
  readonly makespan_ps: number;
  /** Server time spent on ops. Shape [resources]. */
  readonly busy_ps: Float64Array;
  /** Shape [links]. */
  readonly linkBusy_ps: Float64Array;
}

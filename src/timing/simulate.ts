import type { OpGraph, Schedule } from "./graph.ts";
import { createTimeHeap } from "./heap.ts";
import { createLinks } from "./links.ts";
import { createOpQueues } from "./queues.ts";

/**
 * Runs the graph: every resource serves the oldest ready op (smallest id) first, without
 * preemption, one op per server; every message reserves its whole route when it becomes ready.
 *
 * An instant has two phases. First all results and idle servers of the instant are taken; a message
 * without links (both ends at one node) only waits for its tail. Then messages that became ready
 * reserve their links in the order of their ids, and idle servers take ops. So the schedule does
 * not depend on the order of simultaneous events.
 *
 * @throws Error if the graph has a cycle
 */
export function simulate(graph: OpGraph): Schedule {
  const { duration_ps, tail_ps, resource, successorBegin, successors, routes } = graph;
  const n = duration_ps.length;
  const start_ps = new Float64Array(n);
  const end_ps = new Float64Array(n);
  const busy_ps = new Float64Array(graph.servers.length);
  const idleServers = Int32Array.from(graph.servers);
  const missing = countPredecessors(graph);
  const queues = createOpQueues(graph.servers.length, n);
  const links = createLinks(routes);
  const events = createTimeHeap();
  const touched = createResourceSet(graph.servers.length);
  let readyMessages: number[] = [];
  let done = 0;
  let now_ps = 0;

  const makeReady = (op: number): void => {
    const r = resource[op]!;
    if (r >= 0) {
      queues.push(r, op);
      touched.add(r);
    } else if (routes.begin[~r]! < routes.begin[~r + 1]!) readyMessages.push(op);
    else {
      start_ps[op] = now_ps;
      end_ps[op] = now_ps + tail_ps[op]!;
      events.push(end_ps[op]!, ~op);
    }
  };

  const release = (op: number): void => {
    done++;
    for (let s = successorBegin[op]!; s < successorBegin[op + 1]!; s++) {
      const next = successors[s]!;
      missing[next]!--;
      if (missing[next] === 0) makeReady(next);
    }
  };

  /** An event `op` frees a server, and is the result too if there is no tail; `~op` is a result. */
  const take = (event: number): void => {
    if (event < 0) release(~event);
    else {
      const r = resource[event]!;
      idleServers[r]!++;
      touched.add(r);
      if (tail_ps[event] === 0) release(event);
      else events.push(end_ps[event]!, ~event);
    }
  };

  const dispatch = (r: number): void => {
    while (idleServers[r]! > 0 && !queues.isEmpty(r)) {
      const op = queues.pop(r);
      idleServers[r]!--;
      start_ps[op] = now_ps;
      busy_ps[r]! += duration_ps[op]!;
      const free_ps = now_ps + duration_ps[op]!;
      end_ps[op] = free_ps + tail_ps[op]!;
      events.push(free_ps, op);
    }
  };

  const reserve = (op: number): void => {
    const arrival_ps = links.reserve(~resource[op]!, now_ps, duration_ps[op]!);
    start_ps[op] = links.heads_ps[0]!;
    end_ps[op] = arrival_ps + tail_ps[op]!;
    events.push(end_ps[op]!, ~op);
  };

  for (let op = 0; op < n; op++) if (missing[op] === 0) makeReady(op);
  for (;;) {
    while (events.peek_ps() === now_ps) take(events.pop());
    if (readyMessages.length > 0) {
      for (const op of inOrder(readyMessages)) reserve(op);
      readyMessages = [];
    }
    touched.drain(dispatch);
    if (events.peek_ps() === Infinity) break;
    now_ps = events.peek_ps();
  }
  if (done < n)
    throw new Error(`the op graph has a cycle: ${n - done} of ${n} ops never became ready`);
  return { start_ps, end_ps, makespan_ps: now_ps, busy_ps, linkBusy_ps: links.busy_ps };
}

/** Number of predecessors of each op. Shape [n]. */
function countPredecessors(graph: OpGraph): Int32Array {
  const counts = new Int32Array(graph.duration_ps.length);
  for (const op of graph.successors) counts[op]!++;
  return counts;
}

function inOrder(ops: number[]): number[] {
  for (let i = 1; i < ops.length; i++) if (ops[i]! < ops[i - 1]!) return ops.sort((a, b) => a - b);
  return ops;
}

/** A set of resources that is filled and emptied once an instant. */
function createResourceSet(resourceCount: number) {
  const members = new Int32Array(resourceCount);
  const isMember = new Uint8Array(resourceCount);
  let size = 0;
  return {
    add: (r: number): void => {
      if (isMember[r] === 1) return;
      isMember[r] = 1;
      members[size++] = r;
    },
    drain: (visit: (r: number) => void): void => {
      for (let i = 0; i < size; i++) {
        isMember[members[i]!] = 0;
        visit(members[i]!);
      }
      size = 0;
    },
  };
}

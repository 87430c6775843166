import { isReduction, type OpGraph, type Schedule } from "./graph.ts";
import { createOccupants, type Occupants } from "./occupants.ts";
import { type Trace, traceOf } from "./trace.ts";

/** What an op had waited for when it went on; `op` is who it waited for. */
export type Reason =
  | { readonly kind: "start" }
  | { readonly kind: "dependency"; readonly op: number }
  | { readonly kind: "resource"; readonly resource: number; readonly op: number }
  | { readonly kind: "link"; readonly link: number; readonly op: number };

/** A stretch of time that one op accounts for. */
export interface CriticalStep {
  readonly op: number;
  readonly from_ps: number;
  readonly to_ps: number;
  /** Why not earlier; the next step is about the op named here. */
  readonly reason: Reason;
}

/**
 * The chain of ops that made the makespan what it is, from the last to the first. The steps leave no
 * gap: each begins when the one after it in the list ends, and the last begins at 0.
 */
export function criticalPath(graph: OpGraph, schedule: Schedule): readonly CriticalStep[] {
  const trace = traceOf(graph, schedule);
  const occupants = createOccupants(graph, schedule, trace);
  const steps: CriticalStep[] = [];
  let op = schedule.end_ps.indexOf(schedule.makespan_ps);
  let to_ps = schedule.makespan_ps;
  let lastHop = Infinity;
  const isNew = createTurns(graph);
  while (op !== -1) {
    const wait = isNew(op, to_ps) ? lastWait(graph, schedule, trace, op, lastHop) : undefined;
    const from_ps = wait === undefined ? trace.ready_ps[op]! : wait.until_ps;
    const cause =
      wait === undefined
        ? { reason: readiness(schedule, trace, op), hop: Infinity }
        : blocker(occupants, wait);
    steps.push({ op, from_ps, to_ps, reason: cause.reason });
    op = cause.reason.kind === "start" ? -1 : cause.reason.op;
    to_ps = from_ps;
    lastHop = cause.hop;
  }
  return steps;
}

/**
 * Where buffers are limited, several ops may begin in one instant, each making room for the next;
 * which one came first is not in the schedule. An op is asked for its blocker once an instant, so
 * that the path does not go round.
 */
function createTurns({ buffers }: OpGraph): (op: number, now_ps: number) => boolean {
  const asked = new Set<number>();
  let instant_ps = -1;
  return (op, now_ps) => {
    if (buffers === undefined) return true;
    if (now_ps !== instant_ps) asked.clear();
    instant_ps = now_ps;
    const isFirst = !asked.has(op);
    asked.add(op);
    return isFirst;
  };
}

type Wait = { readonly until_ps: number } & (
  | { readonly kind: "resource"; readonly resource: number }
  | {
      readonly kind: "link";
      readonly link: number;
      /** Input of the switch before the link, see `switchInputs`. */
      readonly input: number;
      readonly hop: number;
    }
);

/** Who was in the way, and on which hop of its own. */
function blocker(occupants: Occupants, wait: Wait): { reason: Reason; hop: number } {
  if (wait.kind === "link") {
    const { op, hop, link } = occupants.untilOfLink(wait.link, wait.input, wait.until_ps);
    return { reason: { kind: "link", link, op }, hop };
  }
  const { op, hop } = occupants.untilOf(wait.resource, wait.until_ps);
  return { reason: { kind: "resource", resource: wait.resource, op }, hop };
}

/** The last thing that the op waited for after it was ready; of a message: up to that hop. */
function lastWait(
  graph: OpGraph,
  schedule: Schedule,
  trace: Trace,
  op: number,
  lastHop: number,
): Wait | undefined {
  const resource = graph.steps.resource[graph.step[op]!]!;
  const until_ps = schedule.start_ps[op]!;
  if (resource >= 0)
    return until_ps > trace.ready_ps[op]! ? { kind: "resource", resource, until_ps } : undefined;
  const way = wayTo(graph, trace, op, lastHop);
  return linkWaits(graph, trace, op).findLast(({ hop }) => way.has(hop));
}

/** Each link that the message had to wait for, in the order of its route. */
function linkWaits(graph: OpGraph, trace: Trace, op: number) {
  const first = firstLink(graph, op);
  const head = trace.headBegin[op]!;
  const waits: (Extract<Wait, { kind: "link" }> & { wait_ps: number })[] = [];
  for (let hop = 0; head + hop < trace.headBegin[op + 1]!; hop++) {
    const before = hopBefore(graph, trace, op, hop);
    const arrival_ps = before < 0 ? trace.ready_ps[op]! : arrivalOf_ps(graph, trace, op, before);
    const until_ps = trace.heads_ps[head + hop]!;
    if (until_ps <= arrival_ps) continue;
    const link = graph.routes.links[first + hop]!;
    const input = trace.input[first + hop]!;
    waits.push({ kind: "link", link, input, hop, until_ps, wait_ps: until_ps - arrival_ps });
  }
  return waits;
}

/** When the head is at the end of that hop. */
function arrivalOf_ps(graph: OpGraph, trace: Trace, op: number, hop: number): number {
  const { routes } = graph;
  const link = routes.links[routes.begin[routeOf(graph, op)]! + hop]!;
  return trace.heads_ps[trace.headBegin[op]! + hop]! + routes.hop_ps[link]!;
}

/** The hop that a hop follows, -1 for none; in a reduction the one of them that arrives last. */
function hopBefore(graph: OpGraph, trace: Trace, op: number, hop: number): number {
  const { begin, parent } = graph.routes;
  const route = routeOf(graph, op);
  const first = begin[route]!;
  if (!isReduction(graph.routes, route)) return parent[first + hop]!;
  let last = -1;
  for (let h = 0; h < hop; h++) {
    if (parent[first + h] !== hop) continue;
    const isLater =
      last < 0 || arrivalOf_ps(graph, trace, op, h) > arrivalOf_ps(graph, trace, op, last);
    if (isLater) last = h;
  }
  return last;
}

/** The hops of a message from that one back to where it began; without one, from the last arrival. */
function wayTo(graph: OpGraph, trace: Trace, op: number, lastHop: number): ReadonlySet<number> {
  const hops = trace.headBegin[op + 1]! - trace.headBegin[op]!;
  const way = new Set<number>();
  let hop = lastHop;
  if (hop === Infinity) {
    hop = -1;
    for (let h = 0; h < hops; h++)
      if (hop < 0 || arrivalOf_ps(graph, trace, op, h) > arrivalOf_ps(graph, trace, op, hop))
        hop = h;
  }
  for (; hop >= 0; hop = hopBefore(graph, trace, op, hop)) way.add(hop);
  return way;
}

function routeOf(graph: OpGraph, op: number): number {
  return ~graph.steps.resource[graph.step[op]!]!;
}

function firstLink(graph: OpGraph, op: number): number {
  return graph.routes.begin[routeOf(graph, op)]!;
}

function readiness(schedule: Schedule, trace: Trace, op: number): Reason {
  for (let p = trace.predecessorBegin[op]!; p < trace.predecessorBegin[op + 1]!; p++) {
    const before = trace.predecessors[p]!;
    if (schedule.end_ps[before] === trace.ready_ps[op]) return { kind: "dependency", op: before };
  }
  return { kind: "start" };
}

/** A time that an op, ready, was not served. */
export interface Waiting {
  readonly op: number;
  /** Resource, or link, that it waited for. */
  readonly kind: "resource" | "link";
  readonly place: number;
  readonly wait_ps: number;
  /** Who had it last. */
  readonly behind: number;
}

/**
 * Calls back for every wait. An op's result comes its latency and its waits after it was ready; on
 * the branches of a tree a message may wait without delaying its last arrival.
 */
export function forEachWait(
  graph: OpGraph,
  schedule: Schedule,
  visit: (waiting: Waiting) => void,
): void {
  const trace = traceOf(graph, schedule);
  const occupants = createOccupants(graph, schedule, trace);
  for (let op = 0; op < graph.step.length; op++) {
    const place = graph.steps.resource[graph.step[op]!]!;
    const start_ps = schedule.start_ps[op]!;
    const wait_ps = start_ps - trace.ready_ps[op]!;
    if (place >= 0 && wait_ps > 0) {
      const behind = occupants.untilOf(place, start_ps).op;
      visit({ op, kind: "resource", place, wait_ps, behind });
    } else if (place < 0)
      for (const wait of linkWaits(graph, trace, op)) {
        const before = occupants.untilOfLink(wait.link, wait.input, wait.until_ps);
        visit({ op, kind: "link", place: before.link, wait_ps: wait.wait_ps, behind: before.op });
      }
  }
}

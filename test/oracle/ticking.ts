import type { OpGraph } from "../../src/timing/graph.ts";
import { flat } from "../timing/graphs.ts";

/** The rules of `simulate`, one picosecond at a time: slow, and too simple to be wrong. */
export function simulateByTicking(
  graph: OpGraph,
  limit_ps = 100_000,
): { start_ps: number[]; end_ps: number[] } {
  const { duration_ps, tail_ps, resource, successors } = flat(graph);
  const n = duration_ps.length;
  const ops = [...Array(n).keys()];
  const start_ps = new Array<number>(n).fill(Infinity);
  const end_ps = new Array<number>(n).fill(Infinity);
  const predecessors = predecessorsOf(successors);
  /** Instants at which a link is used, and at which the switch behind it reads from it. */
  const taken = Array.from({ length: graph.routes.linkCount }, () => new Set<number>());
  const read = taken.map(() => new Set<number>());
  const routeOf = (op: number): number[] => {
    const route = ~resource[op]!;
    return [...graph.routes.links.slice(graph.routes.begin[route], graph.routes.begin[route + 1])];
  };
  const isReady = (op: number, now_ps: number): boolean =>
    start_ps[op] === Infinity && predecessors[op]!.every((p) => end_ps[p]! <= now_ps);
  const isMessage = (op: number): boolean => resource[op]! < 0;
  const isLocal = (op: number): boolean => isMessage(op) && routeOf(op).length === 0;

  const send = (op: number, now_ps: number): void => {
    const { hop_ps, begin, parent } = graph.routes;
    const route = routeOf(op);
    const next = route.map((_, i) => parent[begin[~resource[op]!]! + i]!);
    const isReduction = next[0]! > 0;
    const duration = [...Array(duration_ps[op]).keys()];
    const heads_ps: number[] = [];
    const arrivals_ps: number[] = [];
    for (const [i, link] of route.entries()) {
      const before = isReduction
        ? [...next.keys()].filter((h) => next[h] === i)
        : [next[i]!].filter((h) => h >= 0);
      const isFirstBranch = !isReduction && next[i]! >= 0 && next.indexOf(next[i]!) === i;
      const places = isFirstBranch ? [taken[link]!, read[route[next[i]!]!]!] : [taken[link]!];
      let head_ps = Math.max(now_ps, ...before.map((h) => arrivals_ps[h]!));
      while (duration.some((d) => places.some((place) => place.has(head_ps + d)))) head_ps++;
      for (const d of duration) for (const place of places) place.add(head_ps + d);
      heads_ps.push(head_ps);
      arrivals_ps.push(head_ps + hop_ps[link]!);
    }
    start_ps[op] = heads_ps[0]!;
    end_ps[op] = Math.max(...arrivals_ps) + duration_ps[op]! + tail_ps[op]!;
  };

  /** Is the op's result kept at its resource? */
  const isKept = (op: number, now_ps: number): boolean =>
    start_ps[op]! <= now_ps &&
    (successors[op]!.length === 0
      ? now_ps < end_ps[op]!
      : successors[op]!.some((next) => start_ps[next]! > now_ps));

  /** The oldest op of some resource that has a server and a place for its result; -1: none. */
  const nextToBegin = (now_ps: number): number => {
    for (const [r, servers] of graph.servers.entries()) {
      const mine = ops.filter((op) => resource[op] === r);
      const inService = mine.filter(
        (op) => start_ps[op]! <= now_ps && now_ps < start_ps[op]! + duration_ps[op]!,
      );
      const places =
        graph.buffers === undefined || graph.buffers[r]! < 0
          ? Infinity
          : servers + graph.buffers[r]!;
      const kept = mine.filter((op) => isKept(op, now_ps));
      const op = mine.find((own) => isReady(own, now_ps));
      if (op !== undefined && inService.length < servers && kept.length < places) return op;
    }
    return -1;
  };

  for (let now_ps = 0; start_ps.includes(Infinity); now_ps++) {
    // A local message may end at once and make another one ready: until nothing changes.
    for (let op = 0; op < n; op++)
      if (isLocal(op) && isReady(op, now_ps)) {
        start_ps[op] = now_ps;
        end_ps[op] = now_ps + tail_ps[op]!;
        op = -1;
      }
    for (const op of ops) if (isMessage(op) && isReady(op, now_ps)) send(op, now_ps);
    // One begin may make a place for another: until nothing changes.
    for (let op = nextToBegin(now_ps); op >= 0; op = nextToBegin(now_ps)) {
      start_ps[op] = now_ps;
      end_ps[op] = now_ps + duration_ps[op]! + tail_ps[op]!;
    }
    if (now_ps > limit_ps) throw new Error("deadlock");
  }
  return { start_ps, end_ps };
}

function predecessorsOf(successors: readonly (readonly number[])[]): number[][] {
  const predecessors = successors.map((): number[] => []);
  successors.forEach((next, op) => {
    for (const to of next) predecessors[to]!.push(op);
  });
  return predecessors;
}

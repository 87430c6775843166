import { forEachSuccessor, type OpGraph, type Schedule } from "./graph.ts";
import { switchInputs } from "./links.ts";
import { offsetsOf, type Trace } from "./trace.ts";

/** Who had a server, and on which link of its route. */
export interface Occupant {
  readonly op: number;
  /** Place of the link in the op's route; 0 for resources. */
  readonly hop: number;
}

export interface Occupants {
  /**
   * The op that gave a server of the resource free at that instant; where buffers are limited,
   * perhaps one on another resource, whose begin made room for a result.
   */
  readonly untilOf: (resource: number, free_ps: number) => Occupant;
  /**
   * The message that left the link at that instant, or else the input of the switch before it; the
   * link that both messages then share is the one that leads to that input.
   */
  readonly untilOfLink: (
    link: number,
    input: number,
    free_ps: number,
  ) => Occupant & { readonly link: number };
}

/** An index of all occupations; the times of one resource or link are sorted in when asked for. */
export function createOccupants(graph: OpGraph, schedule: Schedule, trace: Trace): Occupants {
  const resources = graph.servers.length;
  const { begin, ops, hops } = occupations(graph);
  const known = new Map<number, ReadonlyMap<number, Occupant>>();

  const freedAt_ps = (op: number, hop: number): number =>
    graph.steps.duration_ps[graph.step[op]!]! +
    (graph.steps.resource[graph.step[op]!]! < 0
      ? trace.heads_ps[trace.headBegin[op]! + hop]!
      : schedule.start_ps[op]!);

  const byTime = (place: number): ReadonlyMap<number, Occupant> => {
    const times = new Map<number, Occupant>();
    for (let i = begin[place]!; i < begin[place + 1]!; i++) {
      const occupant = { op: ops[i]!, hop: hops[i]! };
      const free_ps = freedAt_ps(occupant.op, occupant.hop);
      if (!times.has(free_ps)) times.set(free_ps, occupant);
      if (place >= resources || graph.buffers === undefined) continue;
      const last = lastSuccessor(graph, schedule, occupant.op);
      const place_ps = last < 0 ? schedule.end_ps[occupant.op]! : schedule.start_ps[last]!;
      if (!times.has(place_ps)) times.set(place_ps, { op: last < 0 ? occupant.op : last, hop: 0 });
    }
    return times;
  };

  const find = (place: number, free_ps: number): Occupant | undefined => {
    const times = known.get(place) ?? byTime(place);
    known.set(place, times);
    return times.get(free_ps);
  };
  const found = (occupant: Occupant | undefined, place: number, free_ps: number): Occupant => {
    if (occupant === undefined) throw new Error(`place ${place} was not left at ${free_ps} ps`);
    return occupant;
  };

  return {
    untilOf: (resource, free_ps) => found(find(resource, free_ps), resource, free_ps),
    untilOfLink: (link, input, free_ps) => {
      const onLink = find(resources + link, free_ps);
      if (onLink !== undefined || input < 0)
        return { ...found(onLink, resources + link, free_ps), link };
      const reader = found(find(resources + input, free_ps), resources + input, free_ps);
      return { ...reader, link: input - graph.routes.linkCount };
    },
  };
}

/** The successor that begins last; -1: there is none. */
function lastSuccessor(graph: OpGraph, { start_ps }: Schedule, op: number): number {
  let last = -1;
  forEachSuccessor(graph, op, (next) => {
    if (last < 0 || start_ps[next]! > start_ps[last]!) last = next;
  });
  return last;
}

/** Ops by the place they occupy: resources first, then links, then inputs of switches. */
function occupations(graph: OpGraph): { begin: Int32Array; ops: Int32Array; hops: Int32Array } {
  const { step, routes } = graph;
  const resources = graph.servers.length;
  const input = switchInputs(routes);
  const counts = new Int32Array(resources + 2 * routes.linkCount);
  const forEach = (visit: (place: number, op: number, hop: number) => void): void => {
    for (let op = 0; op < step.length; op++) {
      const r = graph.steps.resource[step[op]!]!;
      if (r >= 0) visit(r, op, 0);
      else
        for (let i = routes.begin[~r]!; i < routes.begin[~r + 1]!; i++) {
          visit(resources + routes.links[i]!, op, i - routes.begin[~r]!);
          if (input[i]! >= 0) visit(resources + input[i]!, op, i - routes.begin[~r]!);
        }
    }
  };
  forEach((place) => {
    counts[place]!++;
  });
  const begin = offsetsOf(counts);
  const next = begin.slice();
  const ops = new Int32Array(begin[counts.length]!);
  const hops = new Int32Array(ops.length);
  forEach((place, op, hop) => {
    const i = next[place]!++;
    ops[i] = op;
    hops[i] = hop;
  });
  return { begin, ops, hops };
}

import { createCalendars } from "./calendar.ts";
import { isReduction, type RouteTable } from "./graph.ts";

/** The links of the network, as messages reserve them. */
export interface Links {
  /**
   * Reserves the route for a message that is ready now; returns when its last byte arrives, at the
   * last of its destinations.
   *
   * @param now_ps never decreases from call to call
   */
  readonly reserve: (route: number, now_ps: number, duration_ps: number) => number;
  /** Of the message that reserved last: when its head entered each link of its route. */
  readonly heads_ps: Float64Array;
  /** Shape [links]. */
  readonly busy_ps: Float64Array;
}

/**
 * Cut-through: on each link of its route the head takes the first free interval that is long
 * enough for the message, not before it has arrived there, and moves on after the link's hop time.
 * The rest of the message follows, so each link is taken for the message's serialisation time. A
 * message that waits does so in a buffer that holds it.
 *
 * A router's switch reads one message at a time from the buffer behind each link, as an
 * input-queued router does: a message takes its next link and that input for the same interval.
 * Where a tree forks, the switch reads once and sends copies on; each link carries the message
 * once. Where a reduction's branches meet, the sum leaves when the last of them is there.
 *
 * The interval may lie before one that was taken earlier, for a message that is still some hops
 * away. Were each link a queue in the order of reservation, it would idle until that message comes:
 * latency at half load would be 1.6 times what a flit-level simulator gives.
 *
 * @source Dally and Towles, "Principles and Practices of Interconnection Networks", 2004, ch. 13, 16.
 */
export function createLinks(routes: RouteTable): Links {
  const { begin, links, parent, hop_ps, linkCount } = routes;
  const busy_ps = new Float64Array(linkCount);
  const heads_ps = new Float64Array(longestRoute(begin));
  const calendars = createCalendars(2 * linkCount);
  const input = switchInputs(routes);

  const multicast = (route: number, now_ps: number, duration_ps: number): number => {
    const first = begin[route]!;
    let last_ps = now_ps;
    for (let i = first; i < begin[route + 1]!; i++) {
      const link = links[i]!;
      const before = parent[i]!;
      const arrival_ps = before < 0 ? now_ps : heads_ps[before]! + hop_ps[links[first + before]!]!;
      const head_ps =
        input[i]! < 0
          ? calendars.take(link, now_ps, arrival_ps, duration_ps)
          : calendars.takeBoth(link, input[i]!, now_ps, arrival_ps, duration_ps);
      heads_ps[i - first] = head_ps;
      busy_ps[link]! += duration_ps;
      if (head_ps + hop_ps[link]! > last_ps) last_ps = head_ps + hop_ps[link]!;
    }
    return last_ps + duration_ps;
  };

  /** `heads_ps` holds the arrivals until it holds the heads. */
  const reduce = (route: number, now_ps: number, duration_ps: number): number => {
    const first = begin[route]!;
    const size = begin[route + 1]! - first;
    heads_ps.fill(now_ps, 0, size);
    let last_ps = now_ps;
    for (let i = 0; i < size; i++) {
      const link = links[first + i]!;
      const next = parent[first + i]!;
      heads_ps[i] = calendars.take(link, now_ps, heads_ps[i]!, duration_ps);
      busy_ps[link]! += duration_ps;
      const there_ps = heads_ps[i]! + hop_ps[link]!;
      if (next < 0) last_ps = Math.max(last_ps, there_ps);
      else if (there_ps > heads_ps[next]!) heads_ps[next] = there_ps;
    }
    return last_ps + duration_ps;
  };

  return {
    reserve: (route, now_ps, duration_ps) =>
      isReduction(routes, route)
        ? reduce(route, now_ps, duration_ps)
        : multicast(route, now_ps, duration_ps),
    heads_ps,
    busy_ps,
  };
}

/**
 * Calendar of the switch input that a message is read from for each link of its route, after those
 * of the links; -1 where it is none: on first links, on branches after the first, and for
 * reductions, whose adders read several inputs at once. Shape of `links`.
 */
export function switchInputs(routes: RouteTable): Int32Array {
  const { begin, links, parent, linkCount } = routes;
  const input = new Int32Array(links.length).fill(-1);
  const reader = new Int32Array(longestRoute(begin));
  for (let route = 0; route + 1 < begin.length; route++) {
    if (isReduction(routes, route)) continue;
    const first = begin[route]!;
    for (let i = first; i < begin[route + 1]!; i++) {
      reader[i - first] = -1;
      const before = parent[i]!;
      if (before < 0 || reader[before]! >= 0) continue;
      reader[before] = i;
      input[i] = linkCount + links[first + before]!;
    }
  }
  return input;
}

function longestRoute(begin: Int32Array): number {
  let longest = 0;
  for (let route = 0; route + 1 < begin.length; route++)
    longest = Math.max(longest, begin[route + 1]! - begin[route]!);
  return longest;
}

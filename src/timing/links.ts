import { createCalendars } from "./calendar.ts";
import type { RouteTable } from "./graph.ts";

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
 * message that waits does so in a buffer that holds it. Where a tree forks, the router sends
 * copies on; each link carries the message once.
 *
 * The interval may lie before one that was taken earlier, for a message that is still some hops
 * away. Were each link a queue in the order of reservation, it would idle until that message comes:
 * latency at half load would be 1.6 times what a flit-level simulator gives.
 */
export function createLinks(routes: RouteTable): Links {
  const { begin, links, parent, hop_ps } = routes;
  const busy_ps = new Float64Array(routes.linkCount);
  const heads_ps = new Float64Array(longestRoute(begin));
  const calendars = createCalendars(routes.linkCount);
  return {
    reserve: (route, now_ps, duration_ps) => {
      const first = begin[route]!;
      let last_ps = now_ps;
      for (let i = first; i < begin[route + 1]!; i++) {
        const link = links[i]!;
        const before = parent[i]!;
        const arrival_ps =
          before < 0 ? now_ps : heads_ps[before]! + hop_ps[links[first + before]!]!;
        const head_ps = calendars.take(link, now_ps, arrival_ps, duration_ps);
        heads_ps[i - first] = head_ps;
        busy_ps[link]! += duration_ps;
        if (head_ps + hop_ps[link]! > last_ps) last_ps = head_ps + hop_ps[link]!;
      }
      return last_ps + duration_ps;
    },
    heads_ps,
    busy_ps,
  };
}

function longestRoute(begin: Int32Array): number {
  let longest = 0;
  for (let route = 0; route + 1 < begin.length; route++)
    longest = Math.max(longest, begin[route + 1]! - begin[route]!);
  return longest;
}

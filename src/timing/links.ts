import type { RouteTable } from "./graph.ts";

/** The links of the network, each with the time until which it is taken. */
export interface Links {
  /** Reserves the route for a message that is ready now; returns when its last byte arrives. */
  readonly reserve: (route: number, ready_ps: number, duration_ps: number) => number;
  /** When the head of the message reserved last entered its first link. */
  readonly firstStart_ps: () => number;
  /** Shape [links]. */
  readonly busy_ps: Float64Array;
}

/**
 * Cut-through: the head waits for each link, moves on after the link's hop time, and the rest
 * follows without gaps, so each link is taken for the message's serialisation time.
 */
export function createLinks(routes: RouteTable): Links {
  const { begin, links, hop_ps } = routes;
  const free_ps = new Float64Array(routes.linkCount);
  const busy_ps = new Float64Array(routes.linkCount);
  let firstStart_ps = 0;
  return {
    reserve: (route, ready_ps, duration_ps) => {
      let head_ps = ready_ps;
      for (let i = begin[route]!; i < begin[route + 1]!; i++) {
        const link = links[i]!;
        if (free_ps[link]! > head_ps) head_ps = free_ps[link]!;
        if (i === begin[route]!) firstStart_ps = head_ps;
        free_ps[link] = head_ps + duration_ps;
        busy_ps[link]! += duration_ps;
        head_ps += hop_ps[link]!;
      }
      return head_ps + duration_ps;
    },
    firstStart_ps: () => firstStart_ps,
    busy_ps,
  };
}

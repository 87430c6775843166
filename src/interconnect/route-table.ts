import type { Topology } from "./topology.ts";

/** Routes of a network, looked up once per pair of nodes. */
export interface RouteInterner {
  /** Number of the route between two nodes. */
  readonly routeOf: (from: number, to: number) => number;
  /** Links that the route crosses. */
  readonly hopsOf: (route: number) => number;
  /** All routes asked for so far: what `OpGraph.routes` is. */
  readonly table: () => {
    readonly begin: Int32Array;
    readonly links: Int32Array;
    readonly linkCount: number;
    readonly hop_ps: Float64Array;
  };
}

/**
 * @param hop_ps time of a message's head over a link and the router behind it: one for all
 *   links, or one per link; whole ps
 */
export function createRouteTable(topology: Topology, hop_ps: number | Float64Array): RouteInterner {
  const numbers = new Map<number, number>();
  const begin = [0];
  const links: number[] = [];
  return {
    routeOf: (from, to) => {
      const key = from * topology.nodes + to;
      const known = numbers.get(key);
      if (known !== undefined) return known;
      const route = numbers.size;
      numbers.set(key, route);
      for (const link of topology.route(from, to)) links.push(link);
      begin.push(links.length);
      return route;
    },
    hopsOf: (route) => begin[route + 1]! - begin[route]!,
    table: () => ({
      begin: Int32Array.from(begin),
      links: Int32Array.from(links),
      linkCount: topology.links,
      hop_ps: typeof hop_ps === "number" ? new Float64Array(topology.links).fill(hop_ps) : hop_ps,
    }),
  };
}

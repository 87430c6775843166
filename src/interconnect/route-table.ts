import type { Topology } from "./topology.ts";

/** Routes of a network, looked up once per source and destinations. */
export interface RouteInterner {
  /** Number of the route between two nodes. */
  readonly routeOf: (from: number, to: number) => number;
  /**
   * Number of the tree over which a message reaches several nodes: the union of the routes to them,
   * each link once. No destination: a tree without links.
   */
  readonly treeOf: (from: number, to: readonly number[]) => number;
  /** Links, ports left out, that the route crosses. */
  readonly hopsOf: (route: number) => number;
  readonly isPort: (link: number) => boolean;
  /** All routes asked for so far: what `OpGraph.routes` is. */
  readonly table: () => {
    readonly begin: Int32Array;
    readonly links: Int32Array;
    readonly parent: Int32Array;
    readonly linkCount: number;
    readonly hop_ps: Float64Array;
  };
}

/**
 * @param hop_ps time of a message's head over a link and the router behind it: one for all
 *   links, or one per link; whole ps
 * @param ports links from this number on are ports of nodes and no hops
 */
export function createRouteTable(
  topology: Topology,
  hop_ps: number | Float64Array,
  ports = topology.links,
): RouteInterner {
  const pairs = new Map<number, number>();
  const trees = new Map<string, number>();
  const writer = createRouteWriter(topology, ports);

  const routeOf = (from: number, to: number): number => {
    const key = from * topology.nodes + to;
    const known = pairs.get(key);
    if (known !== undefined) return known;
    const route = writer.write(from, [to]);
    pairs.set(key, route);
    return route;
  };

  const treeOf = (from: number, to: readonly number[]): number => {
    if (to.length === 1) return routeOf(from, to[0]!);
    const key = `${from}:${to.toSorted((a, b) => a - b).join()}`;
    const known = trees.get(key);
    if (known !== undefined) return known;
    const route = writer.write(from, to);
    trees.set(key, route);
    return route;
  };

  return {
    routeOf,
    treeOf,
    hopsOf: writer.hopsOf,
    isPort: (link) => link >= ports,
    table: () => ({
      ...writer.columns(),
      linkCount: topology.links,
      hop_ps: typeof hop_ps === "number" ? new Float64Array(topology.links).fill(hop_ps) : hop_ps,
    }),
  };
}

/** Writes routes one after the other into columns. */
function createRouteWriter(topology: Topology, ports: number) {
  const begin = [0];
  const links: number[] = [];
  const parent: number[] = [];
  const hops: number[] = [];
  /** Place of each link in the columns, if not before the route that is being written. [links] */
  const place = new Int32Array(topology.links).fill(-1);
  return {
    write: (from: number, to: readonly number[]): number => {
      const first = links.length;
      let own = 0;
      for (const node of to) {
        let before = -1;
        for (const link of topology.route(from, node)) {
          if (place[link]! < first) {
            place[link] = links.length;
            parent.push(before);
            links.push(link);
            if (link < ports) own++;
          }
          before = place[link]! - first;
        }
      }
      hops.push(own);
      return begin.push(links.length) - 2;
    },
    hopsOf: (route: number): number => hops[route]!,
    columns: () => ({
      begin: Int32Array.from(begin),
      links: Int32Array.from(links),
      parent: Int32Array.from(parent),
    }),
  };
}

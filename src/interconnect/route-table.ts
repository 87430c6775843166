import { createIntColumn } from "../units/int-column.ts";
import { createNodeSets } from "./node-sets.ts";
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
  /**
   * Number of the tree over which messages from several nodes come together at one: the union of
   * the routes from them, each link once, the links towards the receiver listed after.
   */
  readonly reductionOf: (to: number, from: readonly number[]) => number;
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
    readonly flits?: FlitRouters;
  };
}

/** Routers that work flit by flit: what `OpGraph.routes.flits` is. */
interface FlitRouters {
  readonly cycle_ps: number;
  readonly channels: number;
  readonly depth: number;
}

/**
 * @param hop_ps time of a message's head over a link and the router behind it: one for all
 *   links, or one per link; whole ps
 * @param ports links from this number on are ports of nodes and no hops
 * @param flits left out: messages reserve links as a whole
 */
export function createRouteTable(
  topology: Topology,
  hop_ps: number | Float64Array,
  ports = topology.links,
  flits?: FlitRouters,
): RouteInterner {
  const pairs = new Map<number, number>();
  const trees = createNodeSets(topology.nodes);
  const reductions = createNodeSets(topology.nodes);
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
    const known = trees.find(from, to);
    if (known >= 0) return known;
    const route = writer.write(from, to);
    trees.add(from, to, route);
    return route;
  };

  const reductionOf = (to: number, from: readonly number[]): number => {
    if (from.length === 1) return routeOf(from[0]!, to);
    const known = reductions.find(to, from);
    if (known >= 0) return known;
    const route = writer.writeReduction(to, from);
    reductions.add(to, from, route);
    return route;
  };

  return {
    routeOf,
    treeOf,
    reductionOf,
    hopsOf: writer.hopsOf,
    isPort: (link) => link >= ports,
    table: () => ({
      ...writer.columns(),
      linkCount: topology.links,
      hop_ps: typeof hop_ps === "number" ? new Float64Array(topology.links).fill(hop_ps) : hop_ps,
      ...(flits === undefined ? {} : { flits }),
    }),
  };
}

/** Writes routes one after the other into columns. */
function createRouteWriter(topology: Topology, ports: number) {
  const begin = createIntColumn();
  const links = createIntColumn();
  const parent = createIntColumn();
  const hops = createIntColumn();
  const pathOf = createPaths(topology);
  /** Place of each link in the columns, if not before the route that is being written. [links] */
  const place = new Int32Array(topology.links).fill(-1);

  /** Adds what the tree has not of a path, from its last link that the tree has on. */
  const extend = (path: ArrayLike<number>, first: number): number => {
    let known = path.length;
    while (known > 0 && place[path[known - 1]!]! < first) known--;
    let before = known === 0 ? -1 : place[path[known - 1]!]! - first;
    let hopsMore = 0;
    for (let i = known; i < path.length; i++) {
      const link = path[i]!;
      place[link] = links.size();
      links.push(link);
      parent.push(before);
      before = place[link]! - first;
      if (link < ports) hopsMore++;
    }
    return hopsMore;
  };

  /**
   * From the receiver backwards, then turned round. Routes to one node join for good where they
   * meet, as the next link depends on the place and the receiver alone.
   */
  const writeReduction = (to: number, from: readonly number[]): number => {
    const first = links.size();
    const own: number[] = [];
    const next: number[] = [];
    for (const node of from) {
      const path = pathOf(node, to);
      let after = -1;
      for (let i = path.length - 1; i >= 0; i--) {
        const link = path[i]!;
        if (place[link]! < first) {
          place[link] = first + own.length;
          own.push(link);
          next.push(after);
        }
        after = place[link]! - first;
      }
    }
    for (let i = own.length - 1; i >= 0; i--) {
      links.push(own[i]!);
      parent.push(next[i]! < 0 ? -1 : own.length - 1 - next[i]!);
    }
    hops.push(own.filter((link) => link < ports).length);
    begin.push(links.size());
    return begin.size() - 2;
  };

  begin.push(0);
  return {
    writeReduction,
    write: (from: number, to: readonly number[]): number => {
      const first = links.size();
      let own = 0;
      if (to.length === 1) own = extend(topology.route(from, to[0]!), first);
      else for (let i = 0; i < to.length; i++) own += extend(pathOf(from, to[i]!), first);
      hops.push(own);
      begin.push(links.size());
      return begin.size() - 2;
    },
    hopsOf: (route: number): number => hops.at(route),
    columns: () => ({ begin: begin.view(), links: links.view(), parent: parent.view() }),
  };
}

/** Routes from nodes that send to many, which are mostly the same few: found once, then kept. */
function createPaths(topology: Topology): (from: number, to: number) => Int32Array {
  const known = new Map<number, Int32Array>();
  return (from, to) => {
    const key = from * topology.nodes + to;
    const found = known.get(key);
    if (found !== undefined) return found;
    const path = Int32Array.from(topology.route(from, to));
    known.set(key, path);
    return path;
  };
}

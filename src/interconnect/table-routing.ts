import type { Topology } from "./topology.ts";

/**
 * The network without some of its links. Routes are shortest ones of what is left, read from a table:
 * at each vertex the first link, by number, that is on a shortest way. On a whole mesh or torus
 * that is x before y.
 *
 * Around dead links routes may turn from y to x, so a ring of messages may wait for one another;
 * hardware needs a spare virtual channel there. The timing model has room in all buffers.
 *
 * @param dead links that are broken
 * @throws Error from `route` if no way is left; see `cutOff`
 */
export function withTable(topology: Topology, dead: ReadonlySet<number>): Topology {
  const linkEnds: Topology["linkEnds"] = (link) =>
    dead.has(link) ? null : topology.linkEnds(link);
  const graph = adjacency({ ...topology, linkEnds });
  const tables = new Map<number, Int32Array>();
  const tableTo = (exit: number): Int32Array => {
    const table = tables.get(exit) ?? nextLinks(graph, exit);
    tables.set(exit, table);
    return table;
  };
  return {
    ...topology,
    linkEnds,
    route: (from, to) => {
      if (from === to) return [];
      const exit = topology.exit(to);
      const table = tableTo(exit);
      const route: number[] = [];
      for (let vertex = topology.entry(from); vertex !== exit; ) {
        const link = table[vertex]!;
        if (link < 0) throw new Error(`no way is left from node ${from} to node ${to}`);
        route.push(link);
        vertex = linkEnds(link)![1];
      }
      return route;
    },
  };
}

/** Links that join two vertices, in either direction. */
export function linksBetween(
  topology: Topology,
  pairs: readonly (readonly number[])[],
): Set<number> {
  const keys = new Set(pairs.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]));
  const found = new Set<number>();
  for (let link = 0; link < topology.links; link++)
    if (keys.has(topology.linkEnds(link)?.join(" ") ?? "")) found.add(link);
  return found;
}

/** Those of some nodes that a message from one node cannot reach. */
export function cutOff(topology: Topology, from: number, to: Iterable<number>): readonly number[] {
  const { outgoing } = adjacency(topology);
  const reached = new Uint8Array(topology.vertices);
  const frontier = [topology.entry(from)];
  reached[frontier[0]!] = 1;
  for (const vertex of frontier)
    for (const [, next] of outgoing[vertex]!) {
      if (reached[next] === 1) continue;
      reached[next] = 1;
      frontier.push(next);
    }
  return [...to].filter((node) => node !== from && reached[topology.exit(node)] === 0);
}

type Neighbours = readonly (readonly [link: number, vertex: number])[];

/** Links out of and into each vertex, ascending, with the vertex at their other end. */
function adjacency({ vertices, links, linkEnds }: Topology) {
  const outgoing = Array.from({ length: vertices }, (): [number, number][] => []);
  const incoming = Array.from({ length: vertices }, (): [number, number][] => []);
  for (let link = 0; link < links; link++) {
    const ends = linkEnds(link);
    if (ends === null) continue;
    outgoing[ends[0]]!.push([link, ends[1]]);
    incoming[ends[1]]!.push([link, ends[0]]);
  }
  return { outgoing: outgoing as Neighbours[], incoming: incoming as Neighbours[] };
}

/** First link of a shortest way from each vertex to that one, -1 where there is none. [vertices] */
function nextLinks({ outgoing, incoming }: ReturnType<typeof adjacency>, exit: number): Int32Array {
  const distance = new Int32Array(outgoing.length).fill(-1);
  const frontier = [exit];
  distance[exit] = 0;
  for (const vertex of frontier)
    for (const [, before] of incoming[vertex]!) {
      if (distance[before]! >= 0) continue;
      distance[before] = distance[vertex]! + 1;
      frontier.push(before);
    }
  return Int32Array.from(outgoing, (links, vertex) => {
    const closer = links.find(([, next]) => distance[next] === distance[vertex]! - 1);
    return distance[vertex]! > 0 ? closer![0] : -1;
  });
}

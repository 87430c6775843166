import fc from "fast-check";
import type { Topology } from "../../src/interconnect/topology.ts";

export const anySize = fc.record({
  cols: fc.integer({ min: 1, max: 5 }),
  rows: fc.integer({ min: 1, max: 5 }),
});

/** Every pair of nodes. */
export function pairsOf({ nodes }: Topology): [number, number][] {
  return Array.from({ length: nodes * nodes }, (_, i) => [Math.floor(i / nodes), i % nodes]);
}

/** Do the links lead from one node to the other, each from where the last one ended? */
export function connects(network: Topology, from: number, to: number): boolean {
  let node = from;
  for (const link of network.route(from, to)) {
    const [begin, end] = network.linkEnds(link);
    if (begin !== node) return false;
    node = end;
  }
  return node === to;
}

/**
 * Can the links be numbered so that every route climbs? Then no ring of messages can wait for one
 * another (Dally and Seitz 1987).
 */
export function hasLinkOrder(network: Topology): boolean {
  const after = Array.from({ length: network.links }, () => new Set<number>());
  for (const [from, to] of pairsOf(network)) {
    const route = network.route(from, to);
    route.slice(1).forEach((link, i) => {
      after[route[i]!]!.add(link);
    });
  }
  const waits = new Int32Array(network.links);
  for (const links of after) for (const link of links) waits[link]!++;
  const free = [...waits.keys()].filter((link) => waits[link] === 0);
  for (const link of free)
    for (const next of after[link]!) if (--waits[next]! === 0) free.push(next);
  return free.length === network.links;
}

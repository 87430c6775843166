import fc from "fast-check";
import { createTopology, topologies } from "../../src/interconnect/index.ts";
import type { Topology } from "../../src/interconnect/topology.ts";
import type { Interconnect } from "../../src/model/interconnect.ts";

export const KINDS = Object.keys(topologies) as Interconnect["kind"][];

/** What every network of an arch file has. */
export const common = {
  tiles_per_node: 1,
  hub_nodes: [0],
  link_GBps: 1,
  hop_ns: 1,
  hop_pJ_per_B: 1,
  area_um2: 1,
  static_mW: 1,
  source: "made up",
  evidence: "assumed" as const,
};

export const anySize = fc.record({
  cols: fc.integer({ min: 1, max: 5 }),
  rows: fc.integer({ min: 1, max: 5 }),
});

/** Networks of one kind, in all sizes up to 25 routers. */
export function anyNetwork(kind: Interconnect["kind"]): fc.Arbitrary<Interconnect> {
  return fc
    .tuple(anySize, fc.integer({ min: 2, max: 4 }))
    .map(([{ cols, rows }, degree]): Interconnect => {
      switch (kind) {
        case "mesh":
        case "torus":
          return { kind, cols, rows, ...common };
        case "concentrated-mesh":
          return { kind, cols, rows, concentration: degree, ...common };
        case "tree":
          return { kind, nodes: cols * rows, arity: degree, ...common };
        default:
          return { kind, nodes: cols * rows, ...common };
      }
    });
}

/** Networks of every kind. */
export const anyTopology = fc
  .constantFrom(...KINDS)
  .chain(anyNetwork)
  .map(createTopology);

/** Every pair of nodes. */
export function pairsOf({ nodes }: Topology): [number, number][] {
  return Array.from({ length: nodes * nodes }, (_, i) => [Math.floor(i / nodes), i % nodes]);
}

/** Do the links lead from one node to the other, each from where the last one ended? */
export function connects(network: Topology, from: number, to: number): boolean {
  if (from === to && network.route(from, to).length === 0) return true;
  let vertex = network.entry(from);
  for (const link of network.route(from, to)) {
    const ends = network.linkEnds(link);
    if (ends?.[0] !== vertex) return false;
    vertex = ends[1];
  }
  return vertex === network.exit(to);
}

/**
 * Links between two nodes, by breadth-first search over what `linkEnds` says; Infinity if there is no way.
 */
export function distancesFrom(network: Topology, from: number): number[] {
  const ends = Array.from({ length: network.links }, (_, link) => network.linkEnds(link));
  const distance = new Array<number>(network.vertices).fill(Infinity);
  let reached = [network.entry(from)];
  for (let hops = 0; reached.length > 0; hops++) {
    for (const vertex of reached) distance[vertex] = hops;
    const next = ends.filter((e) => e !== null && distance[e[0]] === hops).map((e) => e![1]);
    reached = [...new Set(next)].filter((vertex) => distance[vertex] === Infinity);
  }
  return Array.from({ length: network.nodes }, (_, to) =>
    to === from ? 0 : distance[network.exit(to)]!,
  );
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

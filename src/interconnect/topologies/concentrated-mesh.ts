import type { Topology } from "../topology.ts";
import { meshLinkEnds, xyRoute } from "./mesh.ts";

/**
 * A mesh whose routers serve `concentration` nodes each, every one with ports of its own: fewer
 * hops, and links that more nodes share. Routes are those of the mesh and the router's output to
 * the node, so a message crosses |dx| + |dy| + 1 routers.
 *
 * Node n is at router floor(n / concentration), vertex `nodes` + router. Links between routers are
 * numbered as in the mesh; then one link per node.
 *
 * @source Balfour and Dally, "Design tradeoffs for tiled CMP on-chip networks", ICS 2006.
 */
export function createConcentratedMesh(mesh: {
  readonly cols: number;
  readonly rows: number;
  readonly concentration: number;
}): Topology {
  const { cols, rows, concentration } = mesh;
  const routers = cols * rows;
  const nodes = routers * concentration;
  const routerOf = (node: number): number => Math.floor(node / concentration);
  return {
    nodes,
    vertices: nodes + routers,
    links: 4 * routers + nodes,
    entry: (node) => nodes + routerOf(node),
    exit: (node) => node,
    route: (from, to) =>
      from === to ? [] : [...xyRoute(cols, routerOf(from), routerOf(to)), 4 * routers + to],
    linkEnds: (link) => {
      const node = link - 4 * routers;
      if (node >= 0) return [nodes + routerOf(node), node];
      const ends = meshLinkEnds(cols, rows, link);
      return ends === null ? null : [nodes + ends[0], nodes + ends[1]];
    },
  };
}

import type { Topology } from "../topology.ts";

/**
 * One shared medium: one message at a time, whoever sends, and all nodes can hear it, so a
 * multicast is one transfer. Arbitration and medium are one hop.
 *
 * Link 0 leads from the arbiter, vertex `nodes`, to the end of the medium, vertex `nodes + 1`.
 *
 * @source Dally and Towles, "Principles and Practices of Interconnection Networks", 2004, ch. 22.
 */
export function createBus({ nodes }: { readonly nodes: number }): Topology {
  return {
    nodes,
    vertices: nodes + 2,
    links: 1,
    entry: () => nodes,
    exit: () => nodes + 1,
    route: (from, to) => (from === to ? [] : [0]),
    linkEnds: () => [nodes, nodes + 1],
  };
}

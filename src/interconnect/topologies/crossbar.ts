import type { Topology } from "../topology.ts";

/**
 * One switch that joins any input to any free output: messages meet only where they enter and
 * where they leave. One hop between any two nodes.
 *
 * Link j is the switch's output to node j; the inputs are the nodes' ports.
 *
 * @source Dally and Towles, "Principles and Practices of Interconnection Networks", 2004, ch. 6.
 */
export function createCrossbar({ nodes }: { readonly nodes: number }): Topology {
  return {
    nodes,
    vertices: nodes + 1,
    links: nodes,
    entry: () => nodes,
    exit: (node) => node,
    route: (from, to) => (from === to ? [] : [to]),
    linkEnds: (link) => [nodes, link],
  };
}

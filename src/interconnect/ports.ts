import type { Topology } from "./topology.ts";

/**
 * The same network with one injection and one ejection port a node, each a link of its own: what
 * enters or leaves a node is serialised there, however many links the router has.
 *
 * Links 0 .. links-1 are the network's; then one injection port per node, then one ejection port
 * per node. A message within a node crosses both of its ports.
 */
export function withPorts(topology: Topology): Topology {
  const { nodes, links } = topology;
  return {
    ...topology,
    links: links + 2 * nodes,
    entry: (node) => node,
    exit: (node) => node,
    route: (from, to) => [links + from, ...topology.route(from, to), links + nodes + to],
    linkEnds: (link) => {
      if (link < links) return topology.linkEnds(link);
      const node = (link - links) % nodes;
      return link < links + nodes ? [node, topology.entry(node)] : [topology.exit(node), node];
    },
  };
}

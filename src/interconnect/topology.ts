/**
 * Nodes joined by directed links, and the one route between any two of them.
 *
 * Links join vertices: the nodes, numbered first, and switches that hold no node. A mesh has its
 * routers in its nodes; elsewhere messages enter at a switch.
 */
export interface Topology {
  readonly nodes: number;
  /** Nodes and switches. */
  readonly vertices: number;
  /** Link numbers are below that; not every number need be a link. */
  readonly links: number;
  /** Vertex where messages of a node enter the network. */
  readonly entry: (node: number) => number;
  /** Vertex where messages to a node leave it. */
  readonly exit: (node: number) => number;
  /** Links that a message crosses, in order; empty when both are one node. */
  readonly route: (from: number, to: number) => readonly number[];
  /** The vertices that a link joins, as [from, to]; null for a number without a link. */
  readonly linkEnds: (link: number) => readonly [number, number] | null;
}

/** A network whose routers are in its nodes. */
export const routersInNodes = {
  entry: (node: number): number => node,
  exit: (node: number): number => node,
};

/** Nodes joined by directed links, and the one route between any two of them. */
export interface Topology {
  readonly nodes: number;
  readonly links: number;
  /** Links that a message crosses, in order; empty when both are one node. */
  readonly route: (from: number, to: number) => readonly number[];
  /** The nodes that a link joins, as [from, to]. */
  readonly linkEnds: (link: number) => readonly [number, number];
}

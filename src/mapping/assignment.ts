/** What a strategy that assigns tiles may look at, and what it decides. */

/** Blocks that are used together: a matrix, or all of one copy of an expert. */
export interface BlockOwner {
  readonly layer: number;
  /** -1: not a routed expert; every token uses it. */
  readonly expert: number;
  /** Expected uses per token. */
  readonly uses: number;
  /** Items firstItem .. endItem are its blocks. */
  readonly firstItem: number;
  readonly endItem: number;
}

/** The blocks that go onto one kind of tile. Numbers of tiles count from 0 within the kind. */
export interface AssignmentProblem {
  readonly seed: number;
  readonly tiles: number;
  /** Crossbars of a tile. */
  readonly tiers: number;
  /** In the order of their blocks. */
  readonly owners: readonly BlockOwner[];
  /** Time that a use of the block keeps the crossbars of its tile, ps. [items] */
  readonly read_ps: Float64Array;
  /** Time that it keeps the local unit of its tile, ps: 0 where the block gathers no sums. [items] */
  readonly unit_ps: Float64Array;
  /** Time that the head of a message takes per hop between the layer's hub and the tile, ps. [items] */
  readonly hop_ps: Float64Array;
  /** Hops between the hub of a layer and each tile. [tiles] */
  readonly hopsFrom: (layer: number) => Int32Array;
  /** Probability that a token uses both experts; row-major. [experts][experts]; null: no experts */
  readonly together: (layer: number) => Float64Array | null;
  /** Experts of a layer. */
  readonly experts: number;
}

export interface AssignmentStrategy {
  readonly summary: string;
  /**
   * Tile of each item; no tile gets more than `tiers`. Pure: the same problem, the same tiles.
   */
  readonly assign: (problem: AssignmentProblem) => Int32Array;
}

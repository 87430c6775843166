/** The decoder that the 3D-CiM simulator runs: two matrices per expert, no gate, ReLU. */
export interface DecoderShape {
  readonly layers: number;
  readonly features: number;
  /** Intermediate width of an expert, or of the feed-forward part if there are no experts. */
  readonly inner_features: number;
  /** 0: a dense feed-forward part. */
  readonly experts: number;
  readonly active_experts: number;
  readonly vocabulary_tokens: number;
  readonly context_tokens: number;
}

/** A matrix on tiles: block [i][j] (rows i of inputs, columns j of outputs) is on `tiles[i * across + j]`. */
export interface Placed {
  /** Blocks along the inputs; their results are added. */
  readonly down: number;
  /** Blocks along the outputs. */
  readonly across: number;
  readonly tiles: readonly number[];
}

export interface PlacedExpert {
  readonly up: Placed;
  readonly down: Placed;
}

export interface PlacedLayer {
  readonly qkv: readonly Placed[];
  readonly out: Placed;
  /** Undefined in a dense layer, which has one expert. */
  readonly router: Placed | undefined;
  readonly experts: readonly PlacedExpert[];
}

export interface PlacedDecoder {
  readonly embedding: Placed;
  readonly layers: readonly PlacedLayer[];
  readonly head: Placed;
  readonly tiers: number;
  readonly chipTiles: number;
}

/** A decoder as the forward pass sees it: norms as vectors, matrices as projections. */
import type { WeightMatrix } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import type { CausalAttention, Projection, VectorKernels } from "../numerics/engine.ts";

/** A weight matrix and what computes its products. */
export interface Linear {
  readonly matrix: WeightMatrix;
  readonly projection: Projection;
}

/** down(silu(gate x) * up x) */
export interface GatedBlock {
  readonly gate: Linear;
  readonly up: Linear;
  readonly down: Linear;
}

/** RMSNorm weights of one layer. */
export interface LayerNorms {
  /** Before attention. [hidden] */
  readonly input: Float32Array;
  /** Before the feed-forward part. [hidden] */
  readonly postAttention: Float32Array;
  /** Over all query heads at once; null: none. [heads * head width] */
  readonly q: Float32Array | null;
  /** Over all key heads at once; null: none. [kv heads * head width] */
  readonly k: Float32Array | null;
}

export interface AttentionBlock {
  readonly q: Linear;
  readonly k: Linear;
  readonly v: Linear;
  readonly o: Linear;
  /** What happens between the projections. */
  readonly attend: CausalAttention;
}

export type FeedForward =
  | { readonly kind: "dense"; readonly block: GatedBlock }
  | {
      readonly kind: "moe";
      readonly router: Linear;
      readonly experts: readonly GatedBlock[];
      readonly shared: GatedBlock | null;
    };

export interface DecoderLayer {
  readonly index: number;
  readonly norms: LayerNorms;
  readonly attention: AttentionBlock;
  readonly feedForward: FeedForward;
}

export interface Decoder {
  readonly workload: Workload;
  /** One row a token. [vocabulary][hidden] */
  readonly embedding: Float32Array;
  readonly layers: readonly DecoderLayer[];
  /** Before the LM head. [hidden] */
  readonly finalNorm: Float32Array;
  readonly head: Linear;
  /** What happens between products; left out: in TypeScript. */
  readonly vectors?: VectorKernels;
}

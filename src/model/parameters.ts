/** Exact parameter counts of a workload: weights, biases, norms, sinks. */
import { attentionShapes } from "./matrix.ts";
import type { Workload } from "./workload.ts";

/** Where the parameters of a model are. The modules sum to `total`. */
export interface ParameterCount {
  /** Of the whole model; a tied LM head is counted once, as the embedding. */
  readonly total: number;
  readonly by_module: {
    readonly embedding: number;
    /** Projections, their biases, norms inside attention, sinks. */
    readonly attention: number;
    /** Router, its biases, and the gate of the shared expert. */
    readonly router: number;
    readonly routed_experts: number;
    readonly shared_experts: number;
    readonly dense: number;
    /** Norms before attention and feed-forward parts, and the last one. */
    readonly norms: number;
    /** Zero when tied, but for its bias. */
    readonly lm_head: number;
  };
  /** One routed expert of one layer, biases included. */
  readonly one_expert: number;
  /**
   * Parameters that one token meets: attention, norms, router, k routed experts per layer, shared
   * experts, dense layers and the LM head; not the embedding, nor a head tied to it.
   */
  readonly active_per_token: number;
}

/**
 * Counts the parameters of a model exactly.
 *
 * @source Tensor shapes of the Hugging Face classes of each `model_type`; checked in the tests
 *   against the published totals of ten models.
 */
export function countParameters(workload: Workload): ParameterCount {
  const { layers, dense_layers, hidden_features: h, vocabulary_tokens, moe } = workload;
  const moeLayers = layers - dense_layers.length;
  const one_expert = oneExpert(workload);
  const by_module = {
    embedding: vocabulary_tokens * h,
    attention: layers * attentionOfLayer(workload),
    router: moeLayers * routerOfLayer(workload),
    routed_experts: moeLayers * moe.experts * one_expert,
    shared_experts: moeLayers * gated(h, moe.shared_features),
    dense: dense_layers.length * gated(h, workload.dense_features),
    norms: (2 * layers + 1) * normParameters(workload.norm.kind, h),
    lm_head:
      (workload.tied_head ? 0 : vocabulary_tokens * h) +
      (workload.head_bias ? vocabulary_tokens : 0),
  };
  const total = Object.values(by_module).reduce((sum, n) => sum + n, 0);
  const idleExperts = moeLayers * (moe.experts - moe.active_experts) * one_expert;
  return {
    total,
    by_module,
    one_expert,
    active_per_token: total - by_module.embedding - idleExperts,
  };
}

/** Gate, up and down of a feed-forward part. */
const gated = (hidden: number, intermediate: number): number => 3 * hidden * intermediate;

function oneExpert({ hidden_features: h, moe }: Workload): number {
  const biases = moe.expert_bias ? 2 * moe.expert_features + h : 0;
  return gated(h, moe.expert_features) + biases;
}

function routerOfLayer({ hidden_features: h, moe }: Workload): number {
  const { bias, selection_bias } = moe.router;
  const perExpert = h + Number(bias) + Number(selection_bias);
  return moe.experts * perExpert + (moe.shared_gate ? h : 0);
}

/** Layer norms have a bias, RMS norms have none. */
const normParameters = (kind: "rms" | "layer", features: number): number =>
  kind === "layer" ? 2 * features : features;

function attentionOfLayer(workload: Workload): number {
  const weights = attentionShapes(workload).reduce(
    (sum, [, inputs, outputs]) => sum + inputs * outputs,
    0,
  );
  return weights + attentionExtras(workload);
}

/** Biases, norms and sinks of the attention of one layer. */
function attentionExtras({ attention: a, hidden_features: h }: Workload): number {
  if (a.kind === "latent") return a.q_lora_features + a.kv_lora_features;
  const q = a.heads * a.head_features;
  const kv = a.kv_heads * a.head_features;
  const norms = { none: 0, full: q + kv, head: 2 * a.head_features }[a.qk_norm];
  return norms + (a.qkv_bias ? q + 2 * kv : 0) + (a.output_bias ? h : 0) + (a.sinks ? a.heads : 0);
}

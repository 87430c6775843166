/** The parameters of a model that are no weight matrices: norms, biases, sinks. */
import type { Workload } from "../model/workload.ts";

export const VECTOR_KINDS = [
  "input-norm",
  "input-norm-bias",
  "post-attention-norm",
  "post-attention-norm-bias",
  "final-norm",
  "final-norm-bias",
  "q-norm",
  "k-norm",
  "q-a-norm",
  "kv-a-norm",
  "q-bias",
  "k-bias",
  "v-bias",
  "o-bias",
  "sinks",
  "router-bias",
  "selection-bias",
  "gate-bias",
  "up-bias",
  "down-bias",
  "head-bias",
] as const;
export type VectorKind = (typeof VECTOR_KINDS)[number];

/** One vector of a model. */
export interface ParameterVector {
  readonly kind: VectorKind;
  /** -1 for those of the whole model. */
  readonly layer: number;
  /** -1 where it does not apply. */
  readonly expert: number;
  readonly features: number;
}

/** Every vector that a model has, layer by layer. */
export function parameterVectors(workload: Workload): readonly ParameterVector[] {
  const { layers, hidden_features: h, head_bias, vocabulary_tokens } = workload;
  const dense = new Set(workload.dense_layers);
  const vectors: ParameterVector[] = [];
  const add = (kind: VectorKind, layer: number, features: number, expert = -1): void => {
    vectors.push({ kind, layer, expert, features });
  };
  const addNorm = (kind: "input-norm" | "post-attention-norm" | "final-norm", layer: number) => {
    add(kind, layer, h);
    if (workload.norm.kind === "layer") add(`${kind}-bias`, layer, h);
  };
  for (let layer = 0; layer < layers; layer++) {
    addNorm("input-norm", layer);
    for (const [kind, features] of attentionVectors(workload)) add(kind, layer, features);
    addNorm("post-attention-norm", layer);
    if (!dense.has(layer)) addMoeVectors(workload, (kind, n, e) => add(kind, layer, n, e));
  }
  addNorm("final-norm", -1);
  if (head_bias) add("head-bias", -1, vocabulary_tokens);
  return vectors;
}

function attentionVectors({
  attention: a,
  hidden_features: h,
}: Workload): readonly (readonly [VectorKind, number])[] {
  if (a.kind === "latent")
    return [
      ...(a.q_lora_features > 0 ? ([["q-a-norm", a.q_lora_features]] as const) : []),
      ["kv-a-norm", a.kv_lora_features],
    ];
  const q = a.heads * a.head_features;
  const kv = a.kv_heads * a.head_features;
  const norms = {
    none: [],
    full: [["q-norm", q] as const, ["k-norm", kv] as const],
    head: [["q-norm", a.head_features] as const, ["k-norm", a.head_features] as const],
  }[a.qk_norm];
  return [
    ...norms,
    ...(a.qkv_bias
      ? ([
          ["q-bias", q],
          ["k-bias", kv],
          ["v-bias", kv],
        ] as const)
      : []),
    ...(a.output_bias ? ([["o-bias", h]] as const) : []),
    ...(a.sinks ? ([["sinks", a.heads]] as const) : []),
  ];
}

function addMoeVectors(
  { moe, hidden_features: h }: Workload,
  add: (kind: VectorKind, features: number, expert?: number) => void,
): void {
  if (moe.router.bias) add("router-bias", moe.experts);
  if (moe.router.selection_bias) add("selection-bias", moe.experts);
  for (let expert = 0; moe.expert_bias && expert < moe.experts; expert++) {
    add("gate-bias", moe.expert_features, expert);
    add("up-bias", moe.expert_features, expert);
    add("down-bias", h, expert);
  }
}

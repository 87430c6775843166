/**
 * The tensors of published checkpoints, written out per family without the reader's tables.
 *
 * Names and shapes: weight maps of the Hugging Face repositories and the model classes of
 * transformers 4.57.
 */
import type { Workload } from "../../src/model/workload.ts";

export type Shapes = Map<string, { dtype: string; shape: number[] }>;

/** `[name, ...shape]` rows, `{i}` being the layer and `{e}` the expert. */
type Row = readonly [string, ...number[]];

function fill(shapes: Shapes, rows: readonly Row[], layer: number, experts: number): void {
  for (const [pattern, ...shape] of rows) {
    const name = `model.layers.${layer}.${pattern}`;
    if (!pattern.includes("{e}")) shapes.set(name, { dtype: "BF16", shape });
    else
      for (let e = 0; e < experts; e++)
        shapes.set(name.replace("{e}", `${e}`), { dtype: "BF16", shape });
  }
}

const gated = (prefix: string, h: number, width: number): Row[] => [
  [`${prefix}.gate_proj.weight`, width, h],
  [`${prefix}.up_proj.weight`, width, h],
  [`${prefix}.down_proj.weight`, h, width],
];

interface Sizes {
  readonly h: number;
  readonly experts: number;
  readonly width: number;
  readonly q: number;
  readonly kv: number;
  readonly head: number;
  readonly w: Workload;
}

const plainAttention = ({ h, q, kv }: Sizes): Row[] => [
  ["input_layernorm.weight", h],
  ["post_attention_layernorm.weight", h],
  ["self_attn.q_proj.weight", q, h],
  ["self_attn.k_proj.weight", kv, h],
  ["self_attn.v_proj.weight", kv, h],
  ["self_attn.o_proj.weight", h, q],
];

const qkvBias = ({ q, kv }: Sizes): Row[] => [
  ["self_attn.q_proj.bias", q],
  ["self_attn.k_proj.bias", kv],
  ["self_attn.v_proj.bias", kv],
];

/** Multi-head latent attention, by the published ranks of V2-Lite and V3. */
const latentAttention =
  (heads: number, qRank: number) =>
  (s: Sizes): Row[] => [
    ["input_layernorm.weight", s.h],
    ["post_attention_layernorm.weight", s.h],
    ...(qRank === 0
      ? ([["self_attn.q_proj.weight", heads * 192, s.h]] as Row[])
      : ([
          ["self_attn.q_a_proj.weight", qRank, s.h],
          ["self_attn.q_a_layernorm.weight", qRank],
          ["self_attn.q_b_proj.weight", heads * 192, qRank],
        ] as Row[])),
    ["self_attn.kv_a_proj_with_mqa.weight", 576, s.h],
    ["self_attn.kv_a_layernorm.weight", 512],
    ["self_attn.kv_b_proj.weight", heads * 256, 512],
    ["self_attn.o_proj.weight", s.h, heads * 128],
  ];

const deepseekExperts = ({ h, experts, width, w }: Sizes): Row[] => [
  ["mlp.gate.weight", experts, h],
  ...gated("mlp.experts.{e}", h, width),
  ...gated("mlp.shared_experts", h, w.moe.shared_features),
];

const mixtralExperts = ({ h, experts, width }: Sizes): Row[] => [
  ["block_sparse_moe.gate.weight", experts, h],
  ["block_sparse_moe.experts.{e}.w1.weight", width, h],
  ["block_sparse_moe.experts.{e}.w2.weight", h, width],
  ["block_sparse_moe.experts.{e}.w3.weight", width, h],
];

/** What transformers 5 makes of the experts of one layer. */
export const mergedExperts = ({ h, experts, width }: Sizes): Row[] => [
  ["mlp.experts.gate_up_proj", experts, 2 * width, h],
  ["mlp.experts.down_proj", experts, h, width],
];

interface Family {
  readonly attention: (s: Sizes) => Row[];
  readonly experts: (s: Sizes) => Row[];
  /** Tensors of the whole model beyond embedding, norm and head. */
  readonly more?: (s: Sizes) => Row[];
}

/** One row a shipped workload. */
export const CHECKPOINTS: Readonly<Record<string, Family>> = {
  "olmoe-1b-7b": {
    attention: (s) => [
      ...plainAttention(s),
      ["self_attn.q_norm.weight", s.q],
      ["self_attn.k_norm.weight", s.kv],
    ],
    experts: ({ h, experts, width }) => [
      ["mlp.gate.weight", experts, h],
      ...gated("mlp.experts.{e}", h, width),
    ],
  },
  "deepseekmoe-16b": { attention: plainAttention, experts: deepseekExperts },
  "deepseek-v2-lite": { attention: latentAttention(16, 0), experts: deepseekExperts },
  "deepseek-v3": {
    attention: latentAttention(128, 1536),
    experts: (s) => [...deepseekExperts(s), ["mlp.gate.e_score_correction_bias", s.experts]],
  },
  "mixtral-8x7b": { attention: plainAttention, experts: mixtralExperts },
  "phi-3.5-moe": {
    attention: (s) => [
      ...plainAttention(s),
      ...qkvBias(s),
      ["self_attn.o_proj.bias", s.h],
      ["input_layernorm.bias", s.h],
      ["post_attention_layernorm.bias", s.h],
    ],
    experts: mixtralExperts,
    more: ({ h, w }) => [
      ["model.norm.bias", h],
      ["lm_head.bias", w.vocabulary_tokens],
    ],
  },
  "qwen1.5-moe-a2.7b": {
    attention: (s) => [...plainAttention(s), ...qkvBias(s)],
    experts: ({ h, experts, width }) => [
      ["mlp.gate.weight", experts, h],
      ...gated("mlp.experts.{e}", h, width),
      ...gated("mlp.shared_expert", h, 5632),
      ["mlp.shared_expert_gate.weight", 1, h],
    ],
  },
  "qwen3-30b-a3b": {
    attention: (s) => [
      ...plainAttention(s),
      ["self_attn.q_norm.weight", s.head],
      ["self_attn.k_norm.weight", s.head],
    ],
    experts: ({ h, experts, width }) => [
      ["mlp.gate.weight", experts, h],
      ...gated("mlp.experts.{e}", h, width),
    ],
  },
  "gpt-oss-20b": {
    attention: (s) => [
      ...plainAttention(s),
      ...qkvBias(s),
      ["self_attn.o_proj.bias", s.h],
      ["self_attn.sinks", 64],
    ],
    experts: ({ h, experts, width }) => [
      ["mlp.router.weight", experts, h],
      ["mlp.router.bias", experts],
      ["mlp.experts.gate_up_proj", experts, h, 2 * width],
      ["mlp.experts.gate_up_proj_bias", experts, 2 * width],
      ["mlp.experts.down_proj", experts, width, h],
      ["mlp.experts.down_proj_bias", experts, h],
    ],
  },
  "granite-3.0-1b-a400m": {
    attention: plainAttention,
    experts: ({ h, experts, width }) => [
      ["block_sparse_moe.router.layer.weight", experts, h],
      ["block_sparse_moe.input_linear.weight", experts, 2 * width, h],
      ["block_sparse_moe.output_linear.weight", experts, h, width],
    ],
  },
};

/** All tensors of a published checkpoint in BF16. */
export function publishedShapes(
  w: Workload,
  experts: (s: Sizes) => Row[] = CHECKPOINTS[w.name]!.experts,
): Shapes {
  const family = CHECKPOINTS[w.name]!;
  const a = w.attention;
  const [heads, kvHeads, head] =
    a.kind === "heads" ? [a.heads, a.kv_heads, a.head_features] : [a.heads, a.heads, 0];
  const sizes: Sizes = {
    h: w.hidden_features,
    experts: w.moe.experts,
    width: w.moe.expert_features,
    q: heads * head,
    kv: kvHeads * head,
    head,
    w,
  };
  const shapes: Shapes = new Map();
  const h = w.hidden_features;
  shapes.set("model.embed_tokens.weight", { dtype: "BF16", shape: [w.vocabulary_tokens, h] });
  for (let layer = 0; layer < w.layers; layer++) {
    fill(shapes, family.attention(sizes), layer, 0);
    const isDense = w.dense_layers.includes(layer);
    const rows = isDense ? gated("mlp", h, w.dense_features) : experts(sizes);
    fill(shapes, rows, layer, sizes.experts);
  }
  shapes.set("model.norm.weight", { dtype: "BF16", shape: [h] });
  if (!w.tied_head)
    shapes.set("lm_head.weight", { dtype: "BF16", shape: [w.vocabulary_tokens, h] });
  for (const [name, ...shape] of family.more?.(sizes) ?? [])
    shapes.set(name, { dtype: "BF16", shape });
  return shapes;
}

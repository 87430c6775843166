import {
  NO_SHARED_EXPERT,
  PLAIN_HEADS,
  PLAIN_ROUTER,
  readAttentionBias,
  readDecoder,
  readExperts,
  readHeads,
  requireSilu,
} from "./decoder.ts";
import type { Importer } from "./importer.ts";

/** Granite 3 MoE: multipliers on embeddings, attention, residuals and logits; 1 by default. */
export const granitemoe: Importer = {
  summary: "Granite 3 MoE",
  read: (config) => ({
    ...readDecoder(config),
    dense_layers: [],
    dense_features: 0,
    head_bias: false,
    activation: requireSilu(config),
    attention: {
      kind: "heads",
      ...readHeads(config, "heads"),
      ...PLAIN_HEADS,
      ...readAttentionBias(config),
    },
    moe: {
      experts: readExperts(config),
      active_experts: config.count("num_experts_per_tok"),
      expert_features: config.count("intermediate_size"),
      ...NO_SHARED_EXPERT,
      expert_bias: false,
      router: { ...PLAIN_ROUTER, scoring: "softmax-of-top-k", renormalise: false },
    },
    multipliers: {
      embedding: config.positive("embedding_multiplier", 1),
      attention: config.positive("attention_multiplier", 1),
      residual: config.positive("residual_multiplier", 1),
      logits_divisor: config.positive("logits_scaling", 1),
    },
  }),
};

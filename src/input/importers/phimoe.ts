import {
  NO_SHARED_EXPERT,
  PLAIN_HEADS,
  PLAIN_ROUTER,
  readAttentionBias,
  readDecoder,
  readExperts,
  readHeads,
  readSlidingWindow,
  requireSilu,
} from "./decoder.ts";
import type { Importer } from "./importer.ts";

/** Phi-3.5-MoE: layer norms with bias, biases in attention and head, SparseMixer routing. */
export const phimoe: Importer = {
  summary: "Phi-3.5-MoE",
  read: (config) => ({
    ...readDecoder(config, "layer"),
    dense_layers: [],
    dense_features: 0,
    head_bias: config.flag("lm_head_bias", false),
    activation: requireSilu(config),
    attention: {
      kind: "heads",
      ...readHeads(config, "required"),
      ...PLAIN_HEADS,
      ...readAttentionBias(config),
      ...readSlidingWindow(config),
    },
    moe: {
      experts: readExperts(config),
      active_experts: config.count("num_experts_per_tok"),
      expert_features: config.count("intermediate_size"),
      ...NO_SHARED_EXPERT,
      expert_bias: false,
      router: { ...PLAIN_ROUTER, scoring: "sparsemixer", renormalise: false },
    },
  }),
};

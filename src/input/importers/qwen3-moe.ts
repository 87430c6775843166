import {
  NO_SHARED_EXPERT,
  PLAIN_HEADS,
  PLAIN_ROUTER,
  readAttentionBias,
  readDecoder,
  readExperts,
  readHeads,
  refuseFeature,
  requireSilu,
} from "./decoder.ts";
import type { Importer } from "./importer.ts";
import { readQwenDense } from "./qwen-layers.ts";

/** Qwen3-MoE: RMSNorm on each head of q and k, no shared expert. */
export const qwen3Moe: Importer = {
  summary: "Qwen3-MoE",
  read: (config) => {
    refuseFeature(config, "use_sliding_window");
    return {
      ...readDecoder(config),
      ...readQwenDense(config),
      head_bias: false,
      activation: requireSilu(config),
      attention: {
        kind: "heads",
        ...readHeads(config, "required"),
        ...PLAIN_HEADS,
        ...readAttentionBias(config),
        qk_norm: "head",
      },
      moe: {
        experts: readExperts(config),
        active_experts: config.count("num_experts_per_tok"),
        expert_features: config.count("moe_intermediate_size"),
        ...NO_SHARED_EXPERT,
        expert_bias: false,
        router: {
          ...PLAIN_ROUTER,
          scoring: "softmax",
          renormalise: config.flag("norm_topk_prob", false),
        },
      },
    };
  },
};

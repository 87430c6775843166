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

/** OLMoE. `intermediate_size` is the width of one expert: there are no dense layers. */
export const olmoe: Importer = {
  summary: "OLMoE",
  read: (config) => {
    refuseFeature(config, "clip_qkv");
    return {
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
        qk_norm: "full",
      },
      moe: {
        experts: readExperts(config),
        active_experts: config.count("num_experts_per_tok"),
        expert_features: config.count("intermediate_size"),
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

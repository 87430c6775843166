import {
  PLAIN_HEADS,
  PLAIN_ROUTER,
  readDecoder,
  readExperts,
  readHeads,
  refuseFeature,
  requireSilu,
} from "./decoder.ts";
import type { Importer } from "./importer.ts";
import { readQwenDense } from "./qwen-layers.ts";

/** Qwen1.5-MoE and Qwen2-MoE: biases on q, k and v, a shared expert behind a sigmoid gate. */
export const qwen2Moe: Importer = {
  summary: "Qwen1.5-MoE, Qwen2-MoE",
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
        qkv_bias: config.flag("qkv_bias", true),
        output_bias: false,
      },
      moe: {
        experts: readExperts(config),
        active_experts: config.count("num_experts_per_tok"),
        expert_features: config.count("moe_intermediate_size"),
        shared_features: config.count("shared_expert_intermediate_size"),
        shared_gate: true,
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

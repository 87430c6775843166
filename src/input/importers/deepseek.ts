import {
  PLAIN_HEADS,
  PLAIN_ROUTER,
  readAttentionBias,
  readDecoder,
  readHeads,
  requireSilu,
} from "./decoder.ts";
import { readDeepseekDense, readDeepseekExperts } from "./deepseek-layers.ts";
import type { Importer } from "./importer.ts";

/** DeepSeekMoE, first generation: multi-head attention, shared experts, a dense first layer. */
export const deepseek: Importer = {
  summary: "DeepSeekMoE (v1)",
  read: (config) => ({
    ...readDecoder(config),
    ...readDeepseekDense(config, 0),
    head_bias: false,
    activation: requireSilu(config),
    attention: {
      kind: "heads",
      ...readHeads(config, "required"),
      ...PLAIN_HEADS,
      ...readAttentionBias(config),
    },
    moe: {
      ...readDeepseekExperts(config),
      router: {
        ...PLAIN_ROUTER,
        scoring: config.choice("scoring_func", ["softmax"], "softmax"),
        renormalise: config.flag("norm_topk_prob", false),
      },
    },
  }),
};

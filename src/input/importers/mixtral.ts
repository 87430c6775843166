import {
  NO_SHARED_EXPERT,
  PLAIN_HEADS,
  PLAIN_ROUTER,
  readDecoder,
  readExperts,
  readHeads,
  readSlidingWindow,
  requireSilu,
} from "./decoder.ts";
import type { Importer } from "./importer.ts";

/** Mixtral. `intermediate_size` is the width of one expert; the class has no biases. */
export const mixtral: Importer = {
  summary: "Mixtral",
  read: (config) => ({
    ...readDecoder(config),
    dense_layers: [],
    dense_features: 0,
    head_bias: false,
    activation: requireSilu(config),
    attention: {
      kind: "heads",
      ...readHeads(config, "required"),
      ...PLAIN_HEADS,
      qkv_bias: false,
      output_bias: false,
      ...readSlidingWindow(config),
    },
    moe: {
      experts: readExperts(config),
      active_experts: config.count("num_experts_per_tok"),
      expert_features: config.count("intermediate_size"),
      ...NO_SHARED_EXPERT,
      expert_bias: false,
      router: { ...PLAIN_ROUTER, scoring: "softmax", renormalise: true },
    },
  }),
};

import { readDecoder, requireSilu } from "./decoder.ts";
import { readDeepseekDense, readDeepseekExperts, readLatentAttention } from "./deepseek-layers.ts";
import type { Importer } from "./importer.ts";

/**
 * DeepSeek-V3 and R1: latent attention; sigmoid router with a bias that only chooses.
 *
 * The extra layer for multi-token prediction is left out, as `transformers` leaves it out.
 */
export const deepseekV3: Importer = {
  summary: "DeepSeek-V3, R1",
  read: (config) => ({
    ...readDecoder(config),
    ...readDeepseekDense(config, 3),
    head_bias: false,
    activation: requireSilu(config),
    attention: readLatentAttention(config),
    moe: {
      ...readDeepseekExperts(config),
      router: {
        scoring: config.choice("scoring_func", ["sigmoid"], "sigmoid"),
        renormalise: config.flag("norm_topk_prob", true),
        bias: false,
        selection_bias: config.choice("topk_method", ["noaux_tc"], "noaux_tc") === "noaux_tc",
        scale: config.positive("routed_scaling_factor", 2.5),
        groups: config.count("n_group", 8),
        active_groups: config.count("topk_group", 4),
      },
    },
  }),
};

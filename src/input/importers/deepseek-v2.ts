import type { ConfigReader } from "./config-reader.ts";
import { PLAIN_ROUTER, readDecoder, requireSilu } from "./decoder.ts";
import { readDeepseekDense, readDeepseekExperts, readLatentAttention } from "./deepseek-layers.ts";
import type { Importer } from "./importer.ts";

/** DeepSeek-V2 and V2-Lite: latent attention, softmax router, experts chosen by group or not. */
export const deepseekV2: Importer = {
  summary: "DeepSeek-V2",
  read: (config) => ({
    ...readDecoder(config),
    ...readDeepseekDense(config, 0),
    head_bias: false,
    activation: requireSilu(config),
    attention: readLatentAttention(config),
    moe: {
      ...readDeepseekExperts(config),
      router: {
        ...PLAIN_ROUTER,
        ...readGroups(config),
        scoring: config.choice("scoring_func", ["softmax"], "softmax"),
        renormalise: config.flag("norm_topk_prob", false),
        scale: config.positive("routed_scaling_factor", 1),
      },
    },
  }),
};

/** Groups count only where `topk_method` says so; files of V2-Lite carry them unused. */
function readGroups(config: ConfigReader): {
  readonly groups: number;
  readonly active_groups: number;
} {
  const method = config.choice("topk_method", ["greedy", "group_limited_greedy"], "greedy");
  if (method === "greedy") return { groups: 1, active_groups: 1 };
  return { groups: config.count("n_group"), active_groups: config.count("topk_group") };
}

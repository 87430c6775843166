import type { ConfigReader } from "./config-reader.ts";
import {
  NO_SHARED_EXPERT,
  PLAIN_ROUTER,
  readDecoder,
  readExperts,
  readHeads,
  requireSilu,
} from "./decoder.ts";
import type { Importer } from "./importer.ts";

/** gpt-oss: biases everywhere, attention sinks, a sliding window in every other layer. */
export const gptOss: Importer = {
  summary: "gpt-oss",
  read: (config) => {
    requireSilu(config);
    requireAlternatingLayers(config);
    const bias = config.flag("attention_bias", true);
    return {
      ...readDecoder(config),
      dense_layers: [],
      dense_features: 0,
      head_bias: false,
      activation: "clamped-swiglu",
      attention: {
        kind: "heads",
        ...readHeads(config, "required"),
        qk_norm: "none",
        qkv_bias: bias,
        output_bias: bias,
        sinks: true,
        sliding_window_tokens: config.count("sliding_window"),
        sliding_layers: "even",
      },
      moe: {
        experts: readExperts(config),
        active_experts: config.count("num_experts_per_tok"),
        expert_features: config.count("intermediate_size"),
        ...NO_SHARED_EXPERT,
        expert_bias: true,
        router: { ...PLAIN_ROUTER, scoring: "softmax-of-top-k", renormalise: false, bias: true },
      },
    };
  },
};

/** `layer_types`, if there, must be the alternation that the class has by default. */
function requireAlternatingLayers(config: ConfigReader): void {
  const types = config.raw("layer_types");
  if (types === undefined) return;
  const alternates =
    Array.isArray(types) &&
    types.every(
      (type, layer) => type === (layer % 2 === 0 ? "sliding_attention" : "full_attention"),
    );
  if (!alternates)
    config.refuse("layer_types", "sliding_attention and full_attention in turn, sliding first");
}

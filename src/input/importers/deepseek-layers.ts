/** What the three DeepSeek generations share. */
import type { ConfigReader } from "./config-reader.ts";
import { readDense } from "./decoder.ts";
import type { ImportedShape } from "./importer.ts";

/**
 * The first `first_k_dense_replace` layers are dense, and those that `moe_layer_freq` skips.
 *
 * @param firstDense default of `first_k_dense_replace` in the configuration class
 */
export function readDeepseekDense(
  config: ConfigReader,
  firstDense: number,
): Pick<ImportedShape, "dense_layers" | "dense_features"> {
  const first = config.countOrZero("first_k_dense_replace", firstDense);
  const every = config.count("moe_layer_freq", 1);
  return readDense(config, (layer) => layer < first || layer % every !== 0);
}

/** Routed experts, and shared ones fused into a single feed-forward part. */
export function readDeepseekExperts(config: ConfigReader): Omit<ImportedShape["moe"], "router"> {
  const expert_features = config.count("moe_intermediate_size");
  return {
    experts: config.count("n_routed_experts"),
    active_experts: config.count("num_experts_per_tok"),
    expert_features,
    shared_features: config.countOrZero("n_shared_experts", 0) * expert_features,
    shared_gate: false,
    expert_bias: false,
  };
}

/** Multi-head latent attention, V2 and V3. `q_lora_rank` is null where queries are not compressed. */
export function readLatentAttention(config: ConfigReader): ImportedShape["attention"] {
  if (config.flag("attention_bias", false))
    config.refuse("attention_bias", "false", "latent attention with biases is not modelled");
  return {
    kind: "latent",
    heads: config.count("num_attention_heads"),
    q_lora_features: config.isNull("q_lora_rank") ? 0 : config.count("q_lora_rank"),
    kv_lora_features: config.count("kv_lora_rank"),
    nope_features: config.count("qk_nope_head_dim"),
    rope_features: config.count("qk_rope_head_dim"),
    value_features: config.count("v_head_dim"),
  };
}

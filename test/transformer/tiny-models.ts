/** The two trained checkpoints of `workloads/`, and what is known about their outputs. */
import { readFileSync } from "node:fs";
import { type WeightMatrix, weightMatrices } from "../../src/model/matrix.ts";
import type { Workload } from "../../src/model/workload.ts";
import type { ModelWeights } from "../../src/transformer/assemble.ts";

export const TINY_MODELS = ["tiny-olmoe", "tiny-deepseekmoe"] as const;
export type TinyModel = (typeof TINY_MODELS)[number];

export const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));

export interface GoldenPrompt {
  readonly text: string;
  readonly ids: readonly number[];
  /** Layer number -> per token, best first. */
  readonly router: Readonly<
    Record<string, { readonly experts: readonly number[][]; readonly probs: readonly number[][] }>
  >;
  readonly last_logits: readonly number[];
}

export interface Golden {
  readonly prompts: readonly GoldenPrompt[];
  readonly tokenizer: readonly { readonly text: string; readonly ids: readonly number[] }[];
  readonly blimp: { readonly accuracy: number; readonly first_pairs_logprob: readonly number[][] };
  readonly heldout: { readonly mean_nll: number };
}

export interface GoldenText {
  readonly tokens: number;
  readonly windows: number;
  readonly predictions: number;
  readonly nll: number;
  readonly tolerance_nll: number;
}

export const golden = (model: TinyModel): Golden => json(`test/golden/models/${model}/golden.json`);

export const goldenText = (model: TinyModel): GoldenText =>
  json(`test/golden/models/${model}/golden-moby-dick.json`);

/** The shape, from the config as written, independently of the importers. */
export function tinyWorkload(model: TinyModel): Workload {
  const config = json(`workloads/${model}/config.json`);
  const isOlmoe = model === "tiny-olmoe";
  return {
    format: "workload/1",
    name: model,
    family: config.model_type,
    source: "config.json",
    layers: config.num_hidden_layers,
    dense_layers: isOlmoe ? [] : [0],
    hidden_features: config.hidden_size,
    dense_features: isOlmoe ? 0 : config.intermediate_size,
    vocabulary_tokens: config.vocab_size,
    context_tokens: config.max_position_embeddings,
    tied_head: false,
    head_bias: false,
    activation: "silu",
    norm: { kind: "rms", epsilon: config.rms_norm_eps },
    rope_theta: config.rope_theta,
    attention: {
      kind: "heads",
      heads: config.num_attention_heads,
      kv_heads: config.num_key_value_heads,
      head_features: config.hidden_size / config.num_attention_heads,
      qk_norm: isOlmoe ? "full" : "none",
      qkv_bias: false,
      output_bias: false,
      sinks: false,
    },
    moe: {
      experts: isOlmoe ? config.num_experts : config.n_routed_experts,
      active_experts: config.num_experts_per_tok,
      expert_features: isOlmoe ? config.intermediate_size : config.moe_intermediate_size,
      shared_features: isOlmoe ? 0 : config.n_shared_experts * config.moe_intermediate_size,
      shared_gate: false,
      expert_bias: false,
      router: {
        scoring: "softmax",
        renormalise: false,
        bias: false,
        selection_bias: false,
        scale: 1,
        groups: 1,
        active_groups: 1,
      },
    },
  };
}

/** Reads `model.safetensors`, bfloat16 widened to float32. */
export function tinyWeights(model: TinyModel): ModelWeights {
  const file = readFileSync(`workloads/${model}/model.safetensors`);
  const headerBytes = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString("utf8", 8, 8 + headerBytes));
  const tensor = (name: string): Float32Array => {
    const [begin, end] = header[name].data_offsets;
    const bits = new Uint32Array((end - begin) / 2);
    for (let i = 0; i < bits.length; i++)
      bits[i] = file.readUInt16LE(8 + headerBytes + begin + 2 * i) << 16;
    return new Float32Array(bits.buffer);
  };
  const workload = tinyWorkload(model);
  const hasQkNorm = model === "tiny-olmoe";
  return {
    matrices: weightMatrices(workload).map((m) => tensor(tensorName(m))),
    norms: Array.from({ length: workload.layers }, (_, i) => ({
      input: tensor(`model.layers.${i}.input_layernorm.weight`),
      postAttention: tensor(`model.layers.${i}.post_attention_layernorm.weight`),
      q: hasQkNorm ? tensor(`model.layers.${i}.self_attn.q_norm.weight`) : null,
      k: hasQkNorm ? tensor(`model.layers.${i}.self_attn.k_norm.weight`) : null,
    })),
    finalNorm: tensor("model.norm.weight"),
  };
}

function tensorName({ module, part, layer, expert }: WeightMatrix): string {
  if (module === "embedding") return "model.embed_tokens.weight";
  if (module === "lm-head") return "lm_head.weight";
  const places: Partial<Record<typeof module, string>> = {
    attention: `self_attn.${part}_proj`,
    router: "mlp.gate",
    expert: `mlp.experts.${expert}.${part}_proj`,
    shared: `mlp.shared_experts.${part}_proj`,
    dense: `mlp.${part}_proj`,
  };
  return `model.layers.${layer}.${places[module]}.weight`;
}

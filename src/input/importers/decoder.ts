/** Fields that the configs of all families share. */
import type { Workload } from "../../model/workload.ts";
import type { ConfigReader } from "./config-reader.ts";
import type { ImportedShape } from "./importer.ts";

type Decoder = Pick<
  ImportedShape,
  | "layers"
  | "hidden_features"
  | "vocabulary_tokens"
  | "context_tokens"
  | "tied_head"
  | "norm"
  | "rope_theta"
  | "rope_scaling"
>;

/**
 * Width, depth, vocabulary, norm and position of a decoder.
 *
 * `tie_word_embeddings` is false by default in the configuration class of all ten families.
 */
export function readDecoder(
  config: ConfigReader,
  normKind: Workload["norm"]["kind"] = "rms",
): Decoder {
  const rope_scaling = readRopeScaling(config);
  return {
    layers: config.count("num_hidden_layers"),
    hidden_features: config.count("hidden_size"),
    vocabulary_tokens: config.count("vocab_size"),
    context_tokens: config.count("max_position_embeddings"),
    tied_head: config.flag("tie_word_embeddings", false),
    norm: { kind: normKind, epsilon: config.positive("rms_norm_eps") },
    rope_theta: readRopeTheta(config),
    ...(rope_scaling === undefined ? {} : { rope_scaling }),
  };
}

/** transformers 5 writes `rope_parameters`, earlier versions `rope_theta` and `rope_scaling`. */
const ropeParameters = (config: ConfigReader): Readonly<Record<string, unknown>> => {
  const value = config.raw("rope_parameters");
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
};

function readRopeTheta(config: ConfigReader): number {
  const nested = ropeParameters(config)["rope_theta"];
  return config.positive("rope_theta", typeof nested === "number" ? nested : undefined);
}

const ROPE_SCALINGS = ["linear", "dynamic", "yarn", "longrope"] as const;

function readRopeScaling(config: ConfigReader): Workload["rope_scaling"] {
  const value = config.raw("rope_scaling") ?? config.raw("rope_parameters");
  if (value === undefined) return undefined;
  const fields = value as { readonly rope_type?: unknown; readonly type?: unknown };
  const type = fields.rope_type ?? fields.type;
  if (type === "default") return undefined;
  const known = ROPE_SCALINGS.find((kind) => kind === type);
  if (known === undefined)
    config.refuse(
      "rope_scaling",
      `null, or an object with "rope_type": ${ROPE_SCALINGS.join(", ")}`,
    );
  return known;
}

/** All ten families compute gated experts with SiLU; another function is not modelled. */
export function requireSilu(config: ConfigReader): "silu" {
  return config.choice("hidden_act", ["silu"], "silu");
}

/**
 * Query heads, key-value heads and head width.
 *
 * Without `head_dim` the model code of every family takes hidden_size / heads.
 *
 * @param kvDefault "heads" where the configuration class has no other default for
 *   `num_key_value_heads`
 */
export function readHeads(config: ConfigReader, kvDefault: "heads" | "required"): HeadShape {
  const heads = config.count("num_attention_heads");
  return {
    heads,
    kv_heads: config.count("num_key_value_heads", kvDefault === "heads" ? heads : undefined),
    head_features: readHeadWidth(config, heads),
  };
}

interface HeadShape {
  readonly heads: number;
  readonly kv_heads: number;
  readonly head_features: number;
}

function readHeadWidth(config: ConfigReader, heads: number): number {
  if (config.raw("head_dim") !== undefined) return config.count("head_dim");
  const hidden = config.raw("hidden_size");
  if (typeof hidden !== "number") return 1;
  if (hidden % heads === 0) return hidden / heads;
  config.refuse("num_attention_heads", `a divisor of hidden_size ${hidden}, or a head_dim`);
  return 1;
}

/** `num_experts` or `num_local_experts`: transformers 5 may write either. */
export function readExperts(config: ConfigReader): number {
  const alias = config.raw("num_experts") === undefined ? "num_local_experts" : "num_experts";
  return config.count(alias);
}

/** Dense layers and their width; a width is asked for only if there is such a layer. */
export function readDense(
  config: ConfigReader,
  isDense: (layer: number) => boolean,
): Pick<ImportedShape, "dense_layers" | "dense_features"> {
  const layers = Math.min(config.count("num_hidden_layers"), MOST_LAYERS);
  const dense_layers = Array.from({ length: layers }, (_, layer) => layer).filter(isDense);
  return {
    dense_layers,
    dense_features: dense_layers.length === 0 ? 0 : config.count("intermediate_size"),
  };
}

/** More are refused by the schema later on. */
const MOST_LAYERS = 10001;

/** The parts of a router that most families do not have. */
export const PLAIN_ROUTER = {
  bias: false,
  selection_bias: false,
  scale: 1,
  groups: 1,
  active_groups: 1,
} as const;

/** The parts of an MoE layer that most families do not have. */
export const NO_SHARED_EXPERT = { shared_features: 0, shared_gate: false } as const;

/** The parts of head attention that most families do not have. */
export const PLAIN_HEADS = { qk_norm: "none", sinks: false } as const;

/** Bias on q, k, v and o alike. False by default in every class that has `attention_bias`. */
export function readAttentionBias(config: ConfigReader): {
  readonly qkv_bias: boolean;
  readonly output_bias: boolean;
} {
  const bias = config.flag("attention_bias", false);
  return { qkv_bias: bias, output_bias: bias };
}

/** A feature that would change results and is not modelled; `null`, false and absent are fine. */
export function refuseFeature(config: ConfigReader, field: string): void {
  const value = config.raw(field);
  if (value !== undefined && value !== false)
    config.refuse(field, "null or false", "ohmoe does not model this feature");
}

/** A window in all layers; one as long as the context is none. Null by default in the classes. */
export function readSlidingWindow(
  config: ConfigReader,
): Pick<HeadAttention, "sliding_window_tokens" | "sliding_layers"> {
  if (config.raw("sliding_window") === undefined) return {};
  const sliding_window_tokens = config.count("sliding_window");
  if (sliding_window_tokens >= config.count("max_position_embeddings")) return {};
  return { sliding_window_tokens, sliding_layers: "all" };
}

type HeadAttention = Extract<Workload["attention"], { kind: "heads" }>;

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
export function readDecoder(config: ConfigReader, normKind: Workload["norm"]["kind"] = "rms"): Decoder {
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
    config.refuse("rope_scaling", `null, or an object with "rope_type": ${ROPE_SCALINGS.join(", ")}`);
  return known;
}

/** All ten families compute gated experts with SiLU; another function is not modelled. */
export function requireSilu(config: ConfigReader): "silu" {
  return config.choice("hidden_act", ["silu"], "silu");
}
/** Query heads, key-value heads and head width. Both classes fall back as said here. */
export function readHeads(config: ConfigReader): {
  readonly heads: number;
  readonly kv_heads: number;
  readonly head_features: number;
} {
  const heads = config.count("num_attention_heads");
  const hidden = config.count("hidden_size");
  if (config.raw("head_dim") === undefined && hidden % heads !== 0)
    config.refuse("num_attention_heads", `a divisor of hidden_size ${hidden}`);
  return {
    heads,
    kv_heads: config.count("num_key_value_heads", heads),
    head_features: config.count("head_dim", Math.max(1, Math.floor(hidden / heads))),
  };
}

/** Group-limited routing is off in most families. */
export const NO_GROUPS = { groups: 1, active_groups: 1 } as const;

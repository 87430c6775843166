/** The weight matrices of a workload, in one fixed order that placement, mapping and numerics share. */
import type { Workload } from "./workload.ts";

export const MODULES = [
  "embedding",
  "attention",
  "router",
  "expert",
  "shared",
  "dense",
  "lm-head",
  // of networks that are no decoders (network.ts)
  "conv",
  "linear",
  "lstm",
] as const;
export type Module = (typeof MODULES)[number];

/** q_a .. kv_b belong to latent attention, input and recurrent to an LSTM. */
export const PARTS = [
  "q",
  "k",
  "v",
  "o",
  "q_a",
  "q_b",
  "kv_a",
  "kv_b",
  "gate",
  "up",
  "down",
  "shared_gate",
  "weight",
  "input",
  "recurrent",
] as const;
export type Part = (typeof PARTS)[number];

/** A weight matrix W of shape [outputs][inputs]: y = W x. */
export interface WeightMatrix {
  /** Place in `weightMatrices(workload)`. */
  readonly id: number;
  readonly module: Module;
  readonly part: Part;
  /** -1 for the embedding and the LM head. */
  readonly layer: number;
  /** -1 where it does not apply. */
  readonly expert: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** Modules that run on digital cores in every placement. */
export const ALWAYS_DIGITAL: readonly Module[] = ["embedding", "router"];

/**
 * Lists every weight matrix: embedding; per layer attention, router, routed experts (gate, up,
 * down of expert 0, then of expert 1, ...), shared expert, or the dense feed-forward part; LM head.
 *
 * The LM head is listed also when it is tied to the embedding: it is computed all the same.
 */
export function weightMatrices(workload: Workload): readonly WeightMatrix[] {
  const matrices: WeightMatrix[] = [];
  const h = workload.hidden_features;
  const add = (
    module: Module,
    part: Part,
    layer: number,
    expert: number,
    inputs: number,
    outputs: number,
  ): void => {
    matrices.push({ id: matrices.length, module, part, layer, expert, inputs, outputs });
  };
  const addGated = (module: Module, layer: number, expert: number, features: number): void => {
    add(module, "gate", layer, expert, h, features);
    add(module, "up", layer, expert, h, features);
    add(module, "down", layer, expert, features, h);
  };
  add("embedding", "weight", -1, -1, workload.vocabulary_tokens, h);
  const dense = new Set(workload.dense_layers);
  for (let layer = 0; layer < workload.layers; layer++) {
    for (const [part, inputs, outputs] of attentionShapes(workload))
      add("attention", part, layer, -1, inputs, outputs);
    if (dense.has(layer)) {
      addGated("dense", layer, -1, workload.dense_features);
      continue;
    }
    const { experts, expert_features, shared_features, shared_gate } = workload.moe;
    add("router", "weight", layer, -1, h, experts);
    for (let expert = 0; expert < experts; expert++)
      addGated("expert", layer, expert, expert_features);
    if (shared_features > 0) addGated("shared", layer, -1, shared_features);
    if (shared_gate) add("router", "shared_gate", layer, -1, h, 1);
  }
  add("lm-head", "weight", -1, -1, h, workload.vocabulary_tokens);
  return matrices;
}

/** [part, inputs, outputs] of the attention projections of one layer. */
export function attentionShapes({
  attention,
  hidden_features: h,
}: Pick<Workload, "attention" | "hidden_features">): readonly (readonly [Part, number, number])[] {
  if (attention.kind === "heads") {
    const q = attention.heads * attention.head_features;
    const kv = attention.kv_heads * attention.head_features;
    return [
      ["q", h, q],
      ["k", h, kv],
      ["v", h, kv],
      ["o", q, h],
    ];
  }
  const { heads, q_lora_features, kv_lora_features, nope_features, rope_features, value_features } =
    attention;
  const q = heads * (nope_features + rope_features);
  const query: readonly (readonly [Part, number, number])[] =
    q_lora_features === 0
      ? [["q", h, q]]
      : [
          ["q_a", h, q_lora_features],
          ["q_b", q_lora_features, q],
        ];
  return [
    ...query,
    ["kv_a", h, kv_lora_features + rope_features],
    ["kv_b", kv_lora_features, heads * (nope_features + value_features)],
    ["o", heads * value_features, h],
  ];
}

/** "layer 3 expert 17 up", "layer 0 attention q", "lm-head". */
export function matrixLabel(m: WeightMatrix): string {
  const where = m.layer < 0 ? "" : `layer ${m.layer} `;
  const expert = m.expert < 0 ? "" : ` ${m.expert}`;
  const part = m.part === "weight" ? "" : ` ${m.part}`;
  return `${where}${m.module}${expert}${part}`;
}

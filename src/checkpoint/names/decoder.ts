/**
 * Tensor names that the families share.
 *
 * @source Module names of the model classes of Hugging Face transformers 4.57 and 5, which are the
 *   names in the files; the fused forms from its table of conversions at loading.
 */
import type { Part, WeightMatrix } from "../../model/matrix.ts";
import { unreachable } from "../../units/exhaustive.ts";
import { type Place, slice, whole } from "../place.ts";
import type { ParameterVector, VectorKind } from "../vectors.ts";
import type { FamilyNames, NamedModel } from "./family.ts";

const EMBEDDING = "model.embed_tokens.weight";
const HEAD = "lm_head.weight";

/** Modules of attention, by part. */
const ATTENTION: Partial<Readonly<Record<Part, string>>> = {
  q: "q_proj",
  k: "k_proj",
  v: "v_proj",
  o: "o_proj",
  q_a: "q_a_proj",
  q_b: "q_b_proj",
  kv_a: "kv_a_proj_with_mqa",
  kv_b: "kv_b_proj",
};

/** Modules of a gated feed-forward part. */
export const GATED = { gate: "gate_proj", up: "up_proj", down: "down_proj" } as const;
/** The same in Mixtral and Phi. */
export const NUMBERED = { gate: "w1", up: "w3", down: "w2" } as const;
export type GatedPart = keyof typeof GATED;

/** Vectors of a layer that every family names alike. */
const LAYER_VECTORS: Partial<Readonly<Record<VectorKind, string>>> = {
  "input-norm": "input_layernorm.weight",
  "input-norm-bias": "input_layernorm.bias",
  "post-attention-norm": "post_attention_layernorm.weight",
  "post-attention-norm-bias": "post_attention_layernorm.bias",
  "q-norm": "self_attn.q_norm.weight",
  "k-norm": "self_attn.k_norm.weight",
  "q-a-norm": "self_attn.q_a_layernorm.weight",
  "kv-a-norm": "self_attn.kv_a_layernorm.weight",
  "q-bias": "self_attn.q_proj.bias",
  "k-bias": "self_attn.k_proj.bias",
  "v-bias": "self_attn.v_proj.bias",
  "o-bias": "self_attn.o_proj.bias",
  sinks: "self_attn.sinks",
};

const MODEL_VECTORS: Partial<Readonly<Record<VectorKind, string>>> = {
  "final-norm": "model.norm.weight",
  "final-norm-bias": "model.norm.bias",
  "head-bias": "lm_head.bias",
};

/** What a family has of its own. Names are relative to a layer. */
export interface FamilyParts {
  /** Names that the router's matrix may have. */
  readonly router: readonly string[];
  readonly expert: (expert: number, part: GatedPart) => readonly Place[];
  /** Module of the shared experts. */
  readonly shared?: string;
  /** Gate of the shared expert. */
  readonly sharedGate?: string;
  readonly vector?: (vector: ParameterVector) => readonly Place[];
}

const inLayer =
  (layer: number) =>
  (place: Place): Place => ({ ...place, tensor: `model.layers.${layer}.${place.tensor}` });

/** The names of a family: the shared ones, and its own. */
export function decoderNames(parts: FamilyParts): FamilyNames {
  return {
    matrix: (matrix, model) =>
      matrix.layer < 0
        ? modelMatrix(matrix, model)
        : layerMatrix(matrix, parts).map(inLayer(matrix.layer)),
    vector: (vector) => {
      const shared = vector.layer < 0 ? MODEL_VECTORS[vector.kind] : LAYER_VECTORS[vector.kind];
      const places = shared === undefined ? (parts.vector?.(vector) ?? []) : [whole(shared)];
      return vector.layer < 0 ? places : places.map(inLayer(vector.layer));
    },
  };
}

/** A tied head is the embedding, even if the file holds a copy. */
const modelMatrix = ({ module }: WeightMatrix, { tied_head }: NamedModel): readonly Place[] => [
  whole(module === "embedding" || tied_head ? EMBEDDING : HEAD),
];

function layerMatrix({ module, part, expert }: WeightMatrix, parts: FamilyParts): readonly Place[] {
  switch (module) {
    case "attention":
      return [whole(`self_attn.${ATTENTION[part]}.weight`)];
    case "router":
      if (part !== "shared_gate") return parts.router.map(whole);
      return parts.sharedGate === undefined ? [] : [whole(parts.sharedGate)];
    case "expert":
      return parts.expert(expert, part as GatedPart);
    case "shared":
      return parts.shared === undefined
        ? []
        : [whole(`${parts.shared}.${GATED[part as GatedPart]}.weight`)];
    case "dense":
      return [whole(`mlp.${GATED[part as GatedPart]}.weight`)];
    case "embedding":
    case "lm-head":
    // No decoder has these.
    case "conv":
    case "linear":
    case "lstm":
      return [];
    default:
      return unreachable(module);
  }
}

/** One tensor for each matrix of each expert. */
export const separateExperts =
  (module: string, names: Readonly<Record<GatedPart, string>>) =>
  (expert: number, part: GatedPart): readonly Place[] => [
    whole(`${module}.experts.${expert}.${names[part]}.weight`),
  ];

const HALVES = { gate: "first-half", up: "second-half", down: "all" } as const;

/** Two tensors for all experts of a layer: gate above up [E][2I][h], and down [E][h][I]. */
export const mergedExperts =
  (gateUp: string, down: string) =>
  (expert: number, part: GatedPart): readonly Place[] => [
    slice(part === "down" ? down : gateUp, expert, HALVES[part]),
  ];

/** The merged form that transformers 5 has in memory, and may write. */
export const transformers5Experts = mergedExperts(
  "mlp.experts.gate_up_proj",
  "mlp.experts.down_proj",
);

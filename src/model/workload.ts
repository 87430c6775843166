/** The model, as `workload/1` files describe it: shapes only, no weights. */
import { type Static, Type } from "typebox";
import { count, countOrZero, name, nonNegative, oneOfKinds, positive, record } from "./schema.ts";

const yesNo = (description: string) => Type.Boolean({ description });

/** Multi-head attention; grouped-query when kv_heads < heads. */
const HeadAttention = record({
  kind: Type.Literal("heads"),
  heads: count("Query heads"),
  kv_heads: count("Key and value heads"),
  head_features: count("Width of a head"),
  qk_norm: Type.Enum(["none", "full", "head"], {
    description: "RMSNorm on q and k: none, over all heads at once, or per head",
  }),
  qkv_bias: yesNo("Bias on q, k and v"),
  output_bias: yesNo("Bias on the output projection"),
  sinks: yesNo("A learned sink logit per head"),
  sliding_window_tokens: Type.Optional(count("Window of the layers that have one")),
  sliding_layers: Type.Optional(Type.Enum(["even", "all"])),
});

/** Multi-head latent attention of DeepSeek V2 and V3. */
const LatentAttention = record({
  kind: Type.Literal("latent"),
  heads: count("Heads"),
  q_lora_features: countOrZero("Rank of the query compression; 0: none"),
  kv_lora_features: count("Rank of the key-value compression"),
  nope_features: count("Part of a head without position"),
  rope_features: count("Part of a head with position"),
  value_features: count("Width of a value head"),
});

const Moe = record({
  experts: count("Routed experts of a layer", 65536),
  active_experts: count("Experts that a token is sent to: k of top-k"),
  expert_features: count("Intermediate width of a routed expert"),
  shared_features: countOrZero("Intermediate width of the shared experts taken together; 0: none"),
  shared_gate: yesNo("The shared expert's output is weighted by a sigmoid gate"),
  expert_bias: yesNo("Bias on the expert matrices"),
  router: record({
    scoring: Type.Enum(["softmax", "sigmoid", "softmax-of-top-k", "sparsemixer"]),
    renormalise: yesNo("The k weights are divided by their sum"),
    bias: yesNo("Bias on the router's linear layer"),
    selection_bias: yesNo("A bias used for choosing only"),
    scale: positive("Multiplies the weights", 1e3),
    groups: count("Groups of experts"),
    active_groups: count("Groups that a token may choose from"),
  }),
});
export type Moe = Static<typeof Moe>;

export const WorkloadSchema = record({
  $schema: Type.Optional(Type.String()),
  format: Type.Literal("workload/1"),
  name: name("Name of the model"),
  family: name("model_type of the Hugging Face config"),
  source: Type.String({ minLength: 1, description: "Where the shape comes from" }),
  layers: count("Decoder layers", 10000),
  dense_layers: Type.Array(countOrZero("Layer number"), {
    description: "Layers whose feed-forward part is dense",
  }),
  hidden_features: count("Width of the residual stream"),
  dense_features: countOrZero("Intermediate width of dense layers; 0: there are none"),
  vocabulary_tokens: count("Size of the vocabulary"),
  context_tokens: count("Longest context"),
  tied_head: yesNo("The LM head is the embedding"),
  head_bias: yesNo("Bias on the LM head"),
  activation: Type.Enum(["silu", "clamped-swiglu"]),
  norm: record({
    kind: Type.Enum(["rms", "layer"]),
    epsilon: positive("Added to the variance", 1),
  }),
  rope_theta: positive("Base of the rotary position embedding"),
  rope_scaling: Type.Optional(
    Type.Enum(["linear", "dynamic", "yarn", "longrope"], {
      description: "How positions beyond the training context are scaled; left out: not at all",
    }),
  ),
  attention: oneOfKinds(HeadAttention, LatentAttention),
  moe: Moe,
  multipliers: Type.Optional(
    record({
      embedding: nonNegative("Multiplies embeddings"),
      attention: nonNegative("Replaces 1/sqrt(head width)"),
      residual: nonNegative("Multiplies what a block adds"),
      logits_divisor: positive("Divides logits"),
    }),
  ),
});
export type Workload = Static<typeof WorkloadSchema>;

/** What is trained, on what, how, and on which chip it is tried: `training/1` files. */
import { type Static, Type } from "typebox";
import { count, countOrZero, name, nonNegative, oneOfKinds, record } from "./schema.ts";
import { DigitalRecipeSchema, HardwareRecipeSchema } from "./training-recipe.ts";

const NetworkSchema = oneOfKinds(
  record({
    kind: Type.Literal("residual-cnn"),
    stage_channels: Type.Array(count("Channels of a stage", 4096), {
      minItems: 1,
      maxItems: 6,
      description: "Channels of each stage; every stage after the first halves the image",
    }),
    stage_layers: count("Residual blocks of two 3x3 convolutions per stage", 16),
  }),
  record({
    kind: Type.Literal("lstm-lm"),
    embedding_features: count("Width of the embedding", 65536),
    hidden_features: count("Width of a layer's state", 65536),
    layers: count("LSTM layers, one above the other", 16),
  }),
  record({
    kind: Type.Literal("encoder"),
    patch_rows: count("Side of the squares that an image is cut into, one token each", 256),
    features: count("Width of the residual stream", 65536),
    heads: count("Attention heads", 256),
    intermediate_features: count("Width of the feed-forward layer", 65536),
    layers: count("Transformer layers", 64),
  }),
  record({
    kind: Type.Literal("checkpoint"),
    checkpoint: name("Folder, relative to this file, or name of a shipped checkpoint"),
    placement: name(
      "Which matrices are analog, as on the command line: for example dense-digital, all-analog, max-neuron-norm:0.25",
    ),
  }),
);

const chapters = (role: string) =>
  Type.Array(Type.Integer({ minimum: 1, maximum: 135 }), {
    minItems: 2,
    maxItems: 2,
    description: `First and last chapter for ${role}`,
  });

const DataSchema = oneOfKinds(
  record({
    kind: Type.Literal("digits"),
    training_items: count("Images that are trained on", 60000),
    validation_items: count("Images that ranges are set on and progress is watched on", 60000),
    evaluation_items: count("Images that are scored, and used for nothing else", 60000),
  }),
  record({
    kind: Type.Literal("moby-dick"),
    unit: Type.Enum(["characters", "tokens"], {
      description: "What a prediction is of; tokens: those of the checkpoint's tokenizer",
    }),
    context_tokens: count("Predictions of a window of text", 65536),
    training_chapters: chapters("training"),
    validation_chapters: chapters("setting ranges and watching progress"),
    evaluation_chapters: chapters("scoring, and nothing else"),
    evaluation_tokens: count("At most so many predictions are scored", 1e7),
  }),
);

const EvaluationSchema = record({
  arch: name("Path, relative to this file, or preset name"),
  tile: Type.Optional(name("Kind of tile; left out: the first one")),
  seeds: Type.Optional(count("Times that the network is programmed; default 10", 10_000)),
  ages_s: Type.Optional(
    Type.Array(nonNegative("Seconds since programming", 1e12), {
      minItems: 1,
      maxItems: 32,
      description: "When it is read; default 1 s, 1 hour, 1 day and 1 year",
    }),
  ),
});

export const TrainingSchema = record({
  $schema: Type.Optional(Type.String()),
  format: Type.Literal("training/1"),
  name: name("Name of the network in reports"),
  seed: countOrZero("Of first weights, order of data and training noise", 2 ** 32 - 1),
  network: NetworkSchema,
  data: DataSchema,
  digital: Type.Optional(DigitalRecipeSchema),
  hardware_aware: HardwareRecipeSchema,
  evaluation: EvaluationSchema,
});
export type Training = Static<typeof TrainingSchema>;
export type NetworkSpec = Static<typeof NetworkSchema>;
export type TrainingData = Static<typeof DataSchema>;

/**
 * A network of matrix products that is no decoder with experts, as `network/1` files describe it:
 * images through convolutions, characters through recurrent layers, patches through an encoder.
 * Shapes only, no weights.
 */
import { type Static, type TProperties, Type } from "typebox";
import { count, countOrZero, name, oneOfKinds, record } from "./schema.ts";

/** What every layer has. */
const layer = <K extends string, T extends TProperties>(kind: K, properties: T) =>
  record({
    name: name("What other layers call it"),
    kind: Type.Literal(kind),
    from: Type.Optional(name("Layer that it reads, or `input`; default: the one before")),
    ...properties,
  });

const copies = Type.Optional(
  count("Copies of the weights on crossbars, which positions take turns on; default 1", 4096),
);

/** One matrix product per position: its inputs are the window, row by row (im2col). */
const Convolution = layer("conv", {
  kernel_rows: count("Side of the square window", 1024),
  stride_rows: count("Step of the window", 1024),
  padding_rows: countOrZero("Zeros around the image on every side", 1024),
  features: count("Output channels"),
  copies,
});

const Linear = layer("linear", { features: count("Outputs of each position"), copies });

/** The four gates as one matrix of the input and one of the state; one step after the other. */
const Lstm = layer("lstm", { features: count("Width of the state") });

/** Every position looks at every other one; q, k, v and o are as wide as the input. */
const Attention = layer("attention", { heads: count("Heads", 65536), copies });

const Embedding = layer("embedding", {
  vocabulary_tokens: count("Rows of the table"),
  features: count("Width of a row"),
});

/** Functions that work on one position by itself. */
export const POSITION_FUNCTIONS = [
  "relu",
  "gelu",
  "sigmoid",
  "tanh",
  "softmax",
  "layer-norm",
  "rms-norm",
  "multiply-add",
  "add",
  "argmax",
] as const;

const Elementwise = layer("elementwise", {
  fn: Type.Enum(POSITION_FUNCTIONS, {
    description:
      "Which function; multiply-add is a batch norm that is not folded, add a learned vector",
  }),
});

/** Adds what two layers hand on: a residual connection. */
const Add = layer("add", { with: name("The other layer, or `input`") });

const Pool = layer("pool", {
  window_rows: count("Side of the square window", 1024),
  stride_rows: count("Step of the window", 1024),
  mode: Type.Enum(["max", "mean"]),
});

const GlobalMean = layer("global-mean", {});
const Flatten = layer("flatten", {});

const LayerSchema = oneOfKinds(
  Convolution,
  Linear,
  Lstm,
  Attention,
  Embedding,
  Elementwise,
  Add,
  Pool,
  GlobalMean,
  Flatten,
);
export type NetworkLayer = Static<typeof LayerSchema>;
export type LayerOf<K extends NetworkLayer["kind"]> = Extract<NetworkLayer, { kind: K }>;

export const NetworkSchema = record({
  $schema: Type.Optional(Type.String()),
  format: Type.Literal("network/1"),
  name: name("Name of the network"),
  source: Type.String({ minLength: 1, description: "Where the shape comes from" }),
  unit: name("What goes through the network at once, in the singular: image, character"),
  stream: Type.Boolean({
    description:
      "Examples follow one another as a text does, and recurrent layers keep their state; no: every example stands alone",
  }),
  input: record({
    rows: count("Height of an image; 1 for sequences", 65536),
    cols: count("Width of an image, length of a sequence", 65536),
    features: count("Channels of a position"),
  }),
  layers: Type.Array(LayerSchema, {
    minItems: 1,
    maxItems: 4096,
    description: "In an order in which each comes after what it reads",
  }),
});
export type Network = Static<typeof NetworkSchema>;

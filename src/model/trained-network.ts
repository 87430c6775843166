/** Networks of the training study as networks to be priced: the same products, layer by layer. */
import { unreachable } from "../units/exhaustive.ts";
import type { Network, NetworkLayer } from "./network.ts";
import type { NetworkSpec } from "./training.ts";

type SpecOf<K extends NetworkSpec["kind"]> = Extract<NetworkSpec, { kind: K }>;

/** What the data say: classes or symbols to tell apart, and the side of square grey images. */
export interface TaskShape {
  readonly classes: number;
  readonly side?: number;
}

/**
 * The network that a training file describes.
 *
 * Output scales and biases of products are left out: scales are applied where columns are summed
 * up anyway, and biases are free everywhere in this program.
 */
export function trainedNetwork(
  name: string,
  spec: Exclude<NetworkSpec, { kind: "checkpoint" }>,
  task: TaskShape,
): Network {
  const common = { format: "network/1", name, source: sourceOf(spec.kind) } as const;
  const side = task.side ?? 1;
  const image = { rows: side, cols: side, features: 1 };
  switch (spec.kind) {
    case "residual-cnn":
      return { ...common, unit: "image", stream: false, input: image, layers: cnn(spec, task) };
    case "encoder":
      return { ...common, unit: "image", stream: false, input: image, layers: encoder(spec, task) };
    case "lstm-lm":
      return {
        ...common,
        unit: "character",
        stream: true,
        input: { rows: 1, cols: 1, features: 1 },
        layers: lstm(spec, task),
      };
    default:
      return unreachable(spec);
  }
}

const sourceOf = (kind: string): string =>
  `Ours: ${kind} of the hardware-aware training study, docs/hwa-study.md`;

const relu = (name: string): NetworkLayer => ({ name, kind: "elementwise", fn: "relu" });
const norm = (name: string, from?: string): NetworkLayer => ({
  name,
  kind: "elementwise",
  fn: "layer-norm",
  ...(from !== undefined && { from }),
});

/** A convolution with half of its kernel over the border. */
const convolution = (
  name: string,
  from: string,
  kernel_rows: number,
  stride_rows: number,
  features: number,
): NetworkLayer => ({
  name,
  kind: "conv",
  from,
  kernel_rows,
  stride_rows,
  padding_rows: Math.floor(kernel_rows / 2),
  features,
});

function cnn(
  { stage_channels, stage_layers }: SpecOf<"residual-cnn">,
  { classes }: TaskShape,
): NetworkLayer[] {
  let channels = stage_channels[0]!;
  let stream = "stem.relu";
  const blocks = stage_channels.flatMap((width, stage) =>
    Array.from({ length: stage_layers }, (_, block) => {
      const name = `stage${stage}.${block}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const layers = residualBlock(name, stream, stride, width, channels);
      stream = `${name}.out`;
      channels = width;
      return layers;
    }).flat(),
  );
  return [
    convolution("stem", "input", 3, 2, stage_channels[0]!),
    relu("stem.relu"),
    ...blocks,
    { name: "mean", kind: "global-mean" },
    { name: "head", kind: "linear", features: classes },
  ];
}

function residualBlock(
  name: string,
  from: string,
  stride: number,
  width: number,
  channels: number,
): NetworkLayer[] {
  const changes = stride !== 1 || width !== channels;
  const shortcut = convolution(`${name}.shortcut`, from, 1, stride, width);
  return [
    ...(changes ? [shortcut] : []),
    convolution(`${name}.first`, from, 3, stride, width),
    relu(`${name}.relu`),
    convolution(`${name}.second`, `${name}.relu`, 3, 1, width),
    { name: `${name}.sum`, kind: "add", with: changes ? shortcut.name : from },
    relu(`${name}.out`),
  ];
}

function encoder(
  { patch_rows, features, heads, intermediate_features, layers }: SpecOf<"encoder">,
  { classes }: TaskShape,
): NetworkLayer[] {
  let stream = "positions";
  const blocks = Array.from({ length: layers }, (_, layer): NetworkLayer[] => {
    const name = `layer${layer}`;
    const before = stream;
    stream = `${name}.out`;
    return [
      norm(`${name}.attention.norm`, before),
      { name: `${name}.attention`, kind: "attention", heads },
      { name: `${name}.middle`, kind: "add", with: before },
      norm(`${name}.feed-forward.norm`),
      { name: `${name}.up`, kind: "linear", features: intermediate_features },
      relu(`${name}.relu`),
      { name: `${name}.down`, kind: "linear", features },
      { name: stream, kind: "add", with: `${name}.middle` },
    ];
  });
  return [
    {
      name: "embed",
      kind: "conv",
      kernel_rows: patch_rows,
      stride_rows: patch_rows,
      padding_rows: 0,
      features,
    },
    { name: "positions", kind: "elementwise", fn: "add" },
    ...blocks.flat(),
    norm("norm"),
    { name: "mean", kind: "global-mean" },
    { name: "head", kind: "linear", features: classes },
  ];
}

function lstm(
  { embedding_features, hidden_features, layers }: SpecOf<"lstm-lm">,
  { classes }: TaskShape,
): NetworkLayer[] {
  return [
    {
      name: "embedding",
      kind: "embedding",
      vocabulary_tokens: classes,
      features: embedding_features,
    },
    ...Array.from({ length: layers }, (_, layer): NetworkLayer => {
      return { name: `layer${layer}`, kind: "lstm", features: hidden_features };
    }),
    { name: "head", kind: "linear", features: classes },
    { name: "choice", kind: "elementwise", fn: "argmax" },
  ];
}

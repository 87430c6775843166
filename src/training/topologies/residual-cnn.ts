/** A residual network for images, with convolutions as products of patches (im2col). */
import * as tf from "@tensorflow/tfjs-core";
import type { NetworkSpec } from "../../model/training.ts";
import type { Network } from "../network.ts";
import { meanOfGroups } from "../normalise.ts";
import { outputSide, type Patches, unfold } from "../unfold.ts";
import { type Assembly, createAssembly, type Layer, type Pass } from "./assembly.ts";

export type ResidualCnnSpec = Extract<NetworkSpec, { kind: "residual-cnn" }>;

/** Square grey images of one of some classes. */
export interface ImageTask {
  readonly side: number;
  readonly classes: number;
}

/** Variance that keeps the size of activations through a ReLU (He et al., ICCV 2015). */
const RELU_GAIN = 2;
/** First output scales. Pixels have a mean square of about 0.1. */
const STEM_SCALE = 3;
/** A block adds a quarter to the variance of what passes by it. */
const BRANCH_SCALE = 0.5;
/** Means over positions differ little from image to image before training. */
const HEAD_SCALE = 3;

/** Images of one resolution on their way through the network, [n * side * side][channels]. */
interface Stream {
  readonly side: number;
  readonly channels: number;
}

/**
 * A 3x3 convolution that halves the image, then stages of residual blocks (two 3x3 convolutions
 * beside a shortcut, which is a 1x1 convolution where the shape changes), the mean over positions,
 * and a classifier.
 *
 * In place of batch normalisation each channel has its output scale and bias, which is what folding
 * would leave of it; the second convolution of a block starts with a small scale, so that blocks
 * start near the identity.
 *
 * @source He et al., "Deep residual learning", CVPR 2016; small start: Zhang et al., "Fixup", ICLR
 *   2019.
 */
export function createResidualCnn(
  spec: ResidualCnnSpec,
  { side, classes }: ImageTask,
  seed: number,
): Network {
  const assembly = createAssembly(seed);
  const channels = spec.stage_channels[0]!;
  const image: Stream = { side, channels: 1 };
  const stem = addConvolution(assembly, "stem", image, {
    channels,
    kernel: 3,
    stride: 2,
    scale: STEM_SCALE,
  });
  const layers: Layer[] = [];
  let stream = stem.output;
  spec.stage_channels.forEach((width, stage) => {
    for (let block = 0; block < spec.stage_layers; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const added = addBlock(assembly, `stage${stage}.${block}`, stream, width, stride);
      layers.push(added.layer);
      stream = added.output;
    }
  });
  const head = assembly.addProduct("head", stream.channels, classes, {
    uses: 1,
    scale: HEAD_SCALE,
  });
  const positions = stream.side ** 2;
  return {
    name: spec.kind,
    parameters: assembly.parameters,
    products: assembly.products,
    inputsPerExample: side * side,
    rowsPerExample: 1,
    classes,
    forward: ({ examples, inputs }, parameterOf, execute) => {
      const pass: Pass = { parameterOf, execute };
      const pixels = tf.tensor2d(inputs as Float32Array, [examples * side * side, 1]);
      const start = tf.relu(stem.layer(pass, pixels));
      const last = layers.reduce((x, layer) => layer(pass, x), start);
      return head(pass, meanOfGroups(last, positions));
    },
  };
}

interface Added {
  readonly layer: Layer;
  readonly output: Stream;
}

interface Convolution {
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly scale?: number;
}

function addConvolution(
  { addProduct }: Assembly,
  name: string,
  input: Stream,
  { channels, kernel, stride, scale = 1 }: Convolution,
): Added {
  const patches: Patches = { ...input, kernel, stride };
  const side = outputSide(patches);
  const product = addProduct(name, kernel ** 2 * input.channels, channels, {
    uses: side ** 2,
    gain: RELU_GAIN,
    scale,
  });
  const output = { side, channels };
  return { layer: (pass, x) => product(pass, unfold(x, patches)), output };
}

/** relu(x + convolution(relu(convolution(x)))), with a shortcut product where shapes differ. */
function addBlock(
  assembly: Assembly,
  name: string,
  input: Stream,
  channels: number,
  stride: number,
): Added {
  const first = addConvolution(assembly, `${name}.first`, input, { channels, kernel: 3, stride });
  const middle = first.output;
  const second = addConvolution(assembly, `${name}.second`, middle, {
    ...{ channels, kernel: 3, stride: 1 },
    scale: BRANCH_SCALE,
  });
  const changes = stride !== 1 || channels !== input.channels;
  const shortcut = changes
    ? addConvolution(assembly, `${name}.shortcut`, input, { channels, kernel: 1, stride }).layer
    : (_: Pass, x: tf.Tensor2D) => x;
  return {
    output: second.output,
    layer: (pass, x) => {
      const inner = second.layer(pass, tf.relu(first.layer(pass, x)));
      return tf.relu(tf.add(shortcut(pass, x), inner));
    },
  };
}

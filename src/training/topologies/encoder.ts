/** An encoder transformer that classifies images by their patches. */
import * as tf from "@tensorflow/tfjs-core";
import type { NetworkSpec } from "../../model/training.ts";
import { attend } from "../attention.ts";
import { scaleAndShift } from "../linear.ts";
import type { Network } from "../network.ts";
import { meanOfGroups, normaliseRows } from "../normalise.ts";
import { type Assembly, createAssembly, type Layer, type Pass } from "./assembly.ts";
import type { ImageTask } from "./residual-cnn.ts";

export type EncoderSpec = Extract<NetworkSpec, { kind: "encoder" }>;

/** x [examples * tokens][features] -> the same. */
type Block = (pass: Pass, x: tf.Tensor2D) => tf.Tensor2D;

const RELU_GAIN = 2;
/** First output scale of the embedding: pixels have a mean square of about 0.1. */
const EMBED_SCALE = 3;
/** First positions are smaller than the embedded patches. */
const POSITION_STD = 0.5;

/**
 * Square patches through a product, learned positions, pre-norm blocks of attention and a ReLU
 * feed-forward layer, the mean over tokens, and a classifier. Norms, softmax and the products of
 * activations with each other are digital.
 *
 * @source Vaswani et al., arXiv 1706.03762; patches: Dosovitskiy et al., ICLR 2021; pre-norm: Xiong
 *   et al., ICML 2020.
 */
export function createEncoder(
  spec: EncoderSpec,
  { side, classes }: ImageTask,
  seed: number,
): Network {
  const assembly = createAssembly(seed);
  const { patch_rows, features, layers } = spec;
  const tokens = Math.floor(side / patch_rows) ** 2;
  const embed = assembly.addProduct("embed", patch_rows ** 2, features, {
    uses: tokens,
    scale: EMBED_SCALE,
  });
  assembly.addParameter("positions", [tokens, features], { std: POSITION_STD });
  const blocks = Array.from({ length: layers }, (_, layer) => [
    addAttention(assembly, `layer${layer}.attention`, spec, tokens),
    addFeedForward(assembly, `layer${layer}.feed-forward`, spec, tokens),
  ]).flat();
  const lastNorm = addNorm(assembly, "norm", features);
  const head = assembly.addProduct("head", features, classes, { uses: 1 });
  return {
    name: spec.kind,
    parameters: assembly.parameters,
    products: assembly.products,
    inputsPerExample: side * side,
    rowsPerExample: 1,
    classes,
    forward: ({ examples, inputs }, parameterOf, execute) => {
      const pass: Pass = { parameterOf, execute };
      const patches = cutPatches(inputs as Float32Array, examples, side, patch_rows);
      const embedded = tf.reshape(embed(pass, patches), [examples, tokens, features]);
      const placed = tf.add(embedded, parameterOf("positions"));
      const start = tf.reshape(placed, [examples * tokens, features]) as tf.Tensor2D;
      const last = blocks.reduce((x, block) => tf.add(x, block(pass, x)) as tf.Tensor2D, start);
      return head(pass, meanOfGroups(lastNorm(pass, last), tokens));
    },
  };
}

/** [examples][side][side] -> [examples * tokens][patch * patch]; what does not fit is left out. */
function cutPatches(
  pixels: Float32Array,
  examples: number,
  side: number,
  patch: number,
): tf.Tensor2D {
  const perSide = Math.floor(side / patch);
  const out = new Float32Array(examples * perSide ** 2 * patch ** 2);
  let at = 0;
  for (let example = 0; example < examples; example++)
    for (let py = 0; py < perSide; py++)
      for (let px = 0; px < perSide; px++)
        for (let y = py * patch; y < (py + 1) * patch; y++) {
          const begin = (example * side + y) * side + px * patch;
          out.set(pixels.subarray(begin, begin + patch), at);
          at += patch;
        }
  return tf.tensor2d(out, [examples * perSide ** 2, patch ** 2]);
}

function addNorm({ addParameter }: Assembly, name: string, features: number): Layer {
  addParameter(`${name}.gain`, [features], { value: 1 });
  addParameter(`${name}.shift`, [features], { value: 0 });
  return ({ parameterOf }, x) => {
    const normed = normaliseRows(x);
    return scaleAndShift(normed, parameterOf(`${name}.gain`), parameterOf(`${name}.shift`));
  };
}

function addFeedForward(
  assembly: Assembly,
  name: string,
  { features, intermediate_features }: EncoderSpec,
  tokens: number,
): Block {
  const norm = addNorm(assembly, `${name}.norm`, features);
  const up = assembly.addProduct(`${name}.up`, features, intermediate_features, {
    uses: tokens,
    gain: RELU_GAIN,
  });
  const down = assembly.addProduct(`${name}.down`, intermediate_features, features, {
    uses: tokens,
  });
  return (pass, x) => down(pass, tf.relu(up(pass, norm(pass, x))));
}

function addAttention(
  assembly: Assembly,
  name: string,
  { features, heads }: EncoderSpec,
  tokens: number,
): Block {
  const norm = addNorm(assembly, `${name}.norm`, features);
  const [query, key, value, output] = ["query", "key", "value", "output"].map((part) =>
    assembly.addProduct(`${name}.${part}`, features, features, { uses: tokens }),
  ) as [Layer, Layer, Layer, Layer];
  return (pass, x) => {
    const normed = norm(pass, x);
    const [q, k, v] = [query, key, value].map((layer) => layer(pass, normed));
    return output(pass, attend(q!, k!, v!, { heads, tokens }));
  };
}

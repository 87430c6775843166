import { describe, expect, test } from "vitest";
import { clipWeights } from "../../../src/numerics/hwa/clip.ts";
import {
  LIGHTNING_DEFAULTS,
  type LightningLayer,
  lightningForward,
  slicesOf,
} from "../../../src/numerics/hwa/lightning.ts";
import { lightningBackward } from "../../../src/numerics/hwa/lightning-backward.ts";
import { type Case, expectClose, matrixOf, named, readCases } from "./golden.ts";

const cases = readCases("24-lightning.json");

/** Range of the cases that do not name one: the generator of the file started them there. */
const GENERATOR_RANGE = 1.5;

function layerOf(c: Case): LightningLayer {
  const w = matrixOf(c.weights);
  const { inp_res, out_res, out_bound, enable, dynamic, ms, clip, q, res, iv } = c.config;
  const config = {
    ...LIGHTNING_DEFAULTS,
    ...(inp_res && { inp_res }),
    ...(out_res && { out_res }),
    ...(out_bound && { out_bound }),
    ...(enable && { input_range: dynamic ? ("dynamic" as const) : ("static" as const) }),
    ...(ms && { max_input_size: ms }),
    ...(clip && { clip_type: clip }),
    ...(q && { weight_quantisation: q, weight_res: res }),
  };
  const clips = c.learnable_weight_clip_init?.map((row: number[]) => Float32Array.from(row));
  // No case has training noise, so the address of a step's noise makes no difference.
  return {
    weights: w.values,
    outputs: w.rows,
    inputs: w.cols,
    config,
    ranges: new Float32Array(c.in_sizes.length).fill(iv ?? GENERATOR_RANGE),
    ...(clips && { clips }),
    ...(c.train && { training: { seed: 1, matrix: 0, row: 0 } }),
  };
}

const layers = cases.filter((c) => c.config);

describe.each(named(layers))("%s", (_name, c) => {
  const layer = layerOf(c);
  const x = matrixOf(c.inputs);

  test("slices", () => {
    const sizes = slicesOf(layer.inputs, layer.config.max_input_size).map(([b, e]) => e - b);
    expect(sizes).toEqual(c.in_sizes);
  });

  test("outputs", () => expectClose(lightningForward(layer, x.values, x.rows).y, c.outputs));
});

describe.each(named(layers.filter((c) => c.grad_outputs)))("%s", (_name, c) => {
  const layer = layerOf(c);
  const x = matrixOf(c.inputs);
  const { tape } = lightningForward(layer, x.values, x.rows);
  const grad = matrixOf(c.grad_outputs).values;
  const decay = c.config.decay ?? 0.001;
  const learning = { decay, input_min_percentage: 0.95 };
  const gradients = lightningBackward(layer, tape, x.values, grad, learning);

  test("gradient of the inputs", () => expectClose(gradients.x, c.grad_inputs));
  test("gradient of the weights", () => expectClose(gradients.weights, c.grad_weights));
  test("gradient of ranges and clips", () => {
    if (c.input_range_grad) expectClose(gradients.ranges!, c.input_range_grad);
    if (!c.learnable_weight_clip_grad) return;
    expectClose(
      Float64Array.from(gradients.clips!.flatMap((g) => [...g])),
      c.learnable_weight_clip_grad,
    );
  });
});

const CLIPS: Readonly<Record<string, "LayerGaussian" | "LayerGaussianPerChannel">> = {
  "clip_layer_gaussian_1.2": "LayerGaussian",
  "clip_layer_gaussian_per_channel_1.2": "LayerGaussianPerChannel",
};

test.each(named(cases.filter((c) => c.clipped_weights)))("%s", (name, c) => {
  const w = matrixOf(c.weights);
  expectClose(clipWeights(w.values, w.cols, { type: CLIPS[name]!, sigma: 1.2 }), c.clipped_weights);
});

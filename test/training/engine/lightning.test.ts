/** A product in the training loop against AIHWKIT-Lightning, through the tape. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { settledInputRange } from "../../../src/model/training-defaults.ts";
import { readSlice } from "../../../src/training/analog-read.ts";
import { rangeGradient } from "../../../src/training/input-ranges.ts";
import { linear } from "../../../src/training/linear.ts";
import { emptyTally, type RangeTally } from "../../../src/training/range-tally.ts";
import { rowSlices } from "../../../src/training/row-slice.ts";
import { stepMatrix } from "../../../src/training/step-matrix.ts";
import { openTensors, valuesOf } from "../../../src/training/tensors.ts";
import {
  type Case,
  expectClose,
  matrixOf,
  named,
  readCases,
} from "../../numerics/golden/golden.ts";
import { numericsWith, tiling, matrixOf as weightMatrix } from "../../numerics/support.ts";
import { engine } from "./support.ts";

beforeAll(openTensors);

/** Ranges of the cases that do not name one: the generator of the file started them there. */
const GENERATOR_RANGE = 1.5;
const NO_NOISE = { weight_noise: { kind: "none" }, share: 1, drop_connect_frac: 0 } as const;

/** Cases with fixed ranges and analog weights: the others are no crossbars of ours. */
const cases = readCases("24-lightning.json").filter(
  ({ config }: Case) =>
    config && !config.dynamic && !config.q && config.clip !== "LearnablePerChannel",
);

/** A layer as crossbars of the same numerics, read once. */
function readsOf(c: Case) {
  const { rows: outputs, cols: inputs, values: weights } = matrixOf(c.weights);
  const { ms = inputs, inp_res, out_res, out_bound, clip, iv, enable } = c.config;
  const range = iv ?? GENERATOR_RANGE;
  const matrix = stepMatrix(
    {
      weights,
      matrix: weightMatrix(outputs, inputs),
      blocks: tiling(outputs, inputs, ms < inputs ? inputs / c.in_sizes.length : inputs, outputs),
      numerics: numericsWith({
        output_bound: out_bound ?? 1e6,
        weight_scaling: clip ? "column" : "tile",
      }),
      inputBits: inp_res ? 8 : 0,
      outputBits: out_res ? 8 : 0,
      // Without a range nothing clips.
      inputRanges: new Float64Array(c.in_sizes.length).fill(enable ? range : 1e3),
      seed: 1,
    },
    NO_NOISE,
    engine,
  );
  return { weights: tf.tensor2d(weights, [outputs, inputs]), matrix };
}

function run(c: Case) {
  const { weights, matrix } = readsOf(c);
  const x = matrixOf(c.inputs);
  const tallies: RangeTally[] = c.in_sizes.map(emptyTally);
  const slices = rowSlices(matrix);
  const read = (input: tf.Tensor2D, w: tf.Tensor2D): tf.Tensor2D =>
    tf.addN(
      slices.map((slice, s) => {
        const size: [number, number] = [-1, slice.rowEnd - slice.rowBegin];
        return readSlice(
          tf.slice(input, [0, slice.rowBegin], size),
          tf.slice(w, [0, slice.rowBegin], size),
          {
            ...{ slice, periphery: matrix.periphery, inputNoise: 0, tally: tallies[s]! },
            range: matrix.blocks[s]!.inputRange,
            normals: (count) => new Float32Array(count),
          },
        );
      }),
    );
  return { read, weights, tallies, matrix, x: tf.tensor2d(x.values, [x.rows, x.cols]) };
}

test("most cases are of our kind", () => expect(cases.length).toBeGreaterThanOrEqual(7));

describe.each(named(cases))("%s", (_name, c) => {
  test("outputs", () => {
    const { read, x, weights } = run(c);
    expectClose(valuesOf(read(x, weights)), c.outputs);
  });
});

describe.each(named(cases.filter((c: Case) => c.grad_outputs)))("%s", (_name, c) => {
  const gradients = () => {
    const { read, x, weights, tallies, matrix } = run(c);
    const dy = matrixOf(c.grad_outputs);
    const weighted = (input: tf.Tensor, w: tf.Tensor): tf.Scalar =>
      tf.reshape(
        linear(
          tf.reshape(read(input as tf.Tensor2D, w as tf.Tensor2D), [1, dy.values.length]),
          tf.tensor2d(dy.values, [1, dy.values.length]),
        ),
        [],
      );
    const [dx, dw] = tf.grads(weighted)([x, weights]);
    return { dx: dx!, dw: dw!, tallies, matrix };
  };

  test("gradient of the inputs", () => expectClose(valuesOf(gradients().dx), c.grad_inputs));
  test("gradient of the weights", () => expectClose(valuesOf(gradients().dw), c.grad_weights));
  test("gradient of the ranges", () => {
    const { tallies, matrix } = gradients();
    const learning = settledInputRange({ decay_factor: c.config.decay ?? 0.001 });
    // Ours is that of the range's logarithm, AIHWKIT's r sum + decay r that of the range.
    const own = tallies.map(
      (tally, s) => matrix.blocks[s]!.inputRange * rangeGradient(tally, learning),
    );
    expectClose(Float64Array.from(own), c.input_range_grad);
  });
});

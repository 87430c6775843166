/** Derivatives against differences of the loss, layer by layer and network by network. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { attend } from "../../../src/training/attention.ts";
import { linear, scaleAndShift } from "../../../src/training/linear.ts";
import { lossOf } from "../../../src/training/loss.ts";
import { cellOutput, nextState, openGates } from "../../../src/training/lstm-cell.ts";
import { firstValues } from "../../../src/training/network.ts";
import { meanOfGroups, normaliseRows } from "../../../src/training/normalise.ts";
import {
  digitally,
  parameterTensors,
  tensorByName,
} from "../../../src/training/parameter-tensors.ts";
import { openTensors, valuesOf } from "../../../src/training/tensors.ts";
import { unfold } from "../../../src/training/unfold.ts";
import { normals } from "../../numerics/support.ts";
import { batchFor, KINDS, smallNetwork } from "./support.ts";

beforeAll(openTensors);

type Matrix = readonly [rows: number, cols: number];
type Op = (inputs: readonly tf.Tensor2D[]) => tf.Tensor2D;

const OPS: Readonly<Record<string, readonly [Op, readonly Matrix[]]>> = {
  linear: [
    ([x, w]) => linear(x!, w!),
    [
      [5, 4],
      [3, 4],
    ],
  ],
  "scale and shift": [
    ([x, s, b]) => scaleAndShift(x!, tf.reshape(s!, [4]), tf.reshape(b!, [4])),
    [
      [5, 4],
      [1, 4],
      [1, 4],
    ],
  ],
  "layer norm": [([x]) => normaliseRows(x!), [[4, 6]]],
  "mean of groups": [([x]) => meanOfGroups(x!, 3), [[6, 2]]],
  "LSTM gates": [([g]) => openGates(g!), [[3, 8]]],
  "LSTM state": [
    ([g, c]) => nextState(g!, c!),
    [
      [3, 8],
      [3, 2],
    ],
  ],
  "LSTM output": [
    ([g, c]) => cellOutput(g!, c!),
    [
      [3, 8],
      [3, 2],
    ],
  ],
  attention: [
    ([q, k, v]) => attend(q!, k!, v!, { heads: 2, tokens: 3 }),
    [
      [6, 4],
      [6, 4],
      [6, 4],
    ],
  ],
  "3x3 patches, stride 2": [
    ([x]) => unfold(x!, { side: 5, channels: 2, kernel: 3, stride: 2 }),
    [[50, 2]],
  ],
  "1x1 patches, stride 2": [
    ([x]) => unfold(x!, { side: 4, channels: 3, kernel: 1, stride: 2 }),
    [[16, 3]],
  ],
  "addition with repeats": [
    ([x, p]) => tf.reshape(tf.add(tf.reshape(x!, [2, 3, 2]), p!), [6, 2]),
    [
      [6, 2],
      [3, 2],
    ],
  ],
  "split, concat, transpose": [
    ([x]) => {
      const [a, b] = tf.split(x!, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
      return tf.concat([tf.transpose(b), tf.transpose(tf.relu(a))], 0);
    },
    [[3, 4]],
  ],
  "sum of slices": [
    ([x]) => tf.addN([tf.slice(x!, [0, 0], [3, 2]), tf.slice(x!, [0, 1], [3, 2])]),
    [[3, 4]],
  ],
};

/** Sum of the op's results, each with its own weight, so that every one of them counts. */
function objective(op: Op, inputs: readonly tf.Tensor[]): tf.Scalar {
  const y = op(inputs as tf.Tensor2D[]);
  const weights = tf.tensor2d(normals(y.size, 77), [1, y.size]);
  return tf.reshape(linear(tf.reshape(y, [1, y.size]), weights), []);
}

/** Small enough for curves and for the corners of ReLUs, large enough for float32. */
const STEP = 3e-3;

/** Derivative along one direction, from values on both sides. */
function difference(
  value: (inputs: readonly Float32Array[]) => number,
  inputs: readonly Float32Array[],
  which: number,
  direction: Float32Array,
): number {
  const at = (step: number): number =>
    value(inputs.map((x, i) => (i === which ? x.map((v, k) => v + step * direction[k]!) : x)));
  return (at(STEP) - at(-STEP)) / (2 * STEP);
}

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe.each(Object.entries(OPS))("%s", (_name, [op, shapes]) => {
  const inputs = shapes.map(([rows, cols], i) => normals(rows * cols, 50 + i));
  const tensors = (values: readonly Float32Array[]) =>
    values.map((v, i) => tf.tensor2d(v, [shapes[i]![0], shapes[i]![1]]));
  const value = (values: readonly Float32Array[]): number =>
    tf.tidy(() => objective(op, tensors(values)).dataSync()[0]!);

  test.each(shapes.map((_, i) => i))("by input %i", (which) => {
    const { grads } = tf.valueAndGrads((...args: tf.Tensor[]) => objective(op, args))(
      tensors(inputs),
    );
    const gradient = valuesOf(grads[which]!);
    for (let k = 0; k < 3; k++) {
      const direction = normals(gradient.length, 90 + k);
      const expected = difference(value, inputs, which, direction);
      const size = Math.sqrt(dot(gradient, gradient));
      expect(Math.abs(dot(gradient, direction) - expected)).toBeLessThan(2e-3 * size + 2e-3);
    }
  });
});

describe.each(KINDS)("digital %s", (kind) => {
  test("gradient by every parameter", () => {
    const network = smallNetwork(kind);
    const batch = batchFor(kind, 4);
    const shapes = network.parameters.map(({ shape }) => shape);
    const first = [...firstValues(network).values()];
    const loss = (tensors: readonly tf.Tensor[]): tf.Scalar => {
      const parameterOf = tensorByName(network, tensors);
      const logits = network.forward(batch, parameterOf, digitally(parameterOf));
      return lossOf(logits, batch.labels, null);
    };
    const value = (values: readonly Float32Array[]): number =>
      tf.tidy(() => loss(values.map((v, i) => tf.tensor(v, [...shapes[i]!]))).dataSync()[0]!);
    const { grads } = tf.valueAndGrads((...args: tf.Tensor[]) => loss(args))([
      ...parameterTensors(network, firstValues(network)),
    ]);
    network.parameters.forEach(({ name }, p) => {
      const gradient = valuesOf(grads[p]!);
      const direction = normals(gradient.length, 200 + p, 1 / Math.sqrt(gradient.length));
      const expected = difference(value, first, p, direction);
      expect(Math.abs(dot(gradient, direction) - expected), name).toBeLessThan(
        // A ReLU may have its corner between the two sides.
        0.03 * Math.abs(expected) + 1e-3,
      );
    });
  });
});

describe("loss", () => {
  const labels = Int32Array.of(0, 2, 1);
  const logits = normals(9, 3);
  const teacher = normals(9, 4);
  const distillation = { weight: 0.9, temperature: 4, teacher };
  const at = (z: Float32Array): number =>
    tf.tidy(() => lossOf(tf.tensor2d(z, [3, 3]), labels, distillation).dataSync()[0]!);

  test("uniform logits cost ln(classes)", () => {
    const loss = lossOf(tf.zeros([2, 5]), Int32Array.of(1, 4), null);
    expect(loss.dataSync()[0]).toBeCloseTo(Math.log(5), 6);
  });

  test("its derivative, with a teacher", () => {
    const { grad } = tf.valueAndGrad((z: tf.Tensor) =>
      lossOf(z as tf.Tensor2D, labels, distillation),
    )(tf.tensor2d(logits, [3, 3]));
    const gradient = valuesOf(grad);
    for (let i = 0; i < 9; i++) {
      const direction = new Float32Array(9);
      direction[i] = 1;
      expect(gradient[i]).toBeCloseTo(
        difference(([z]) => at(z!), [logits], 0, direction),
        3,
      );
    }
  });

  test("imitating the teacher exactly leaves the labels' share", () => {
    const own = tf.tidy(() => lossOf(tf.tensor2d(teacher, [3, 3]), labels, null).dataSync()[0]!);
    expect(at(teacher)).toBeCloseTo(0.1 * own, 6);
  });
});

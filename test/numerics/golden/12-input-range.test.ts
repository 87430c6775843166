import { describe, expect, test } from "vitest";
import {
  INPUT_RANGE_DEFAULTS,
  rangeFromBatch,
  rangeGradient,
  roundingGradient,
} from "../../../src/numerics/periphery/input-range.ts";
import { createLayer } from "../../../src/numerics/periphery/layer.ts";
import { ioOf } from "./forward.ts";
import { type Case, expectClose, type Matrix, matrixOf, named, readCases } from "./golden.ts";
import { readAll, tilesOf } from "./layer.ts";

const cases = readCases("12-input-range.json");
const UNSCALED = { weight_scaling_omega: 0 };

function outputsOf(c: Case): Float32Array {
  const w = matrixOf(c.weights);
  const layer = createLayer(tilesOf(w, UNSCALED), w.rows, {
    io: ioOf(c),
    address: { seed: 1, matrix: 0 },
    inputRange: c.input_range.init_value,
  });
  return readAll(layer, matrixOf(c.inputs));
}

/** W^T grad: [rows][inputs]. */
function backward(w: Matrix, grad: Matrix): Float32Array {
  const out = new Float32Array(grad.rows * w.cols);
  for (let row = 0; row < grad.rows; row++)
    for (let o = 0; o < w.rows; o++)
      for (let k = 0; k < w.cols; k++)
        out[row * w.cols + k]! += grad.values[row * w.rows + o]! * w.values[o * w.cols + k]!;
  return out;
}

describe.each(named(cases.filter((c) => c.outputs)))("%s", (_name, c) => {
  test("outputs", () => expectClose(outputsOf(c), c.outputs));
});

describe.each(named(cases.filter((c) => c.input_range_grad)))("%s", (name, c) => {
  const w = matrixOf(c.weights);
  const x = matrixOf(c.inputs);
  const grad = matrixOf(c.grad_outputs);
  const range = c.input_range.init_value;
  const torch = name.startsWith("grad_torch");
  const gradient = backward(w, grad);

  test("gradient of the inputs", () => {
    // The torch tile gives clipped inputs none; the CPU engine does not mask.
    const masked = torch
      ? gradient.map((g, i) => (Math.abs(x.values[i]!) < range ? g : 0))
      : gradient;
    expectClose(masked, c.grad_inputs);
  });

  test("gradient of the range", () => {
    const parameters = { ...INPUT_RANGE_DEFAULTS, ...c.input_range };
    let sum = rangeGradient(range, x.values, gradient, parameters);
    if (torch) {
      const unrounded: number[] = [];
      for (let row = 0; row < x.rows; row++)
        for (let o = 0; o < w.rows; o++) {
          let u = 0;
          for (let k = 0; k < w.cols; k++) {
            const clipped = Math.min(Math.max(x.values[row * x.cols + k]!, -range), range);
            u += (w.values[o * w.cols + k]! * clipped) / range;
          }
          unrounded.push(u);
        }
      sum += roundingGradient(range, grad.values, outputsOf(c), unrounded);
    }
    expectClose([sum], c.input_range_grad);
  });
});

test("init_from_data_3_batches", () => {
  const c = cases.find((one) => one.sequence);
  const parameters = { ...INPUT_RANGE_DEFAULTS, ...c.input_range };
  let state = { range: parameters.init_value, batches: 0 };
  for (const step of c.sequence) {
    state = rangeFromBatch(state, matrixOf(step.inputs).values, parameters);
    expectClose([state.range], step.input_range_after);
    expect(state.batches).toBe(step.update_idx_after[0]);
  }
});

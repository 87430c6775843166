/** A range grows if, and only if, more outputs are clipped than are allowed. */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { settledInputRange } from "../../../src/model/training-defaults.ts";
import { readSlice } from "../../../src/training/analog-read.ts";
import { rangeGradient, widening } from "../../../src/training/input-ranges.ts";
import { emptyTally } from "../../../src/training/range-tally.ts";
import { rowSlices } from "../../../src/training/row-slice.ts";
import { stateFrom } from "../../../src/training/state.ts";
import { stepMatrix, trainingTile } from "../../../src/training/step-matrix.ts";
import { openTensors, valuesOf } from "../../../src/training/tensors.ts";
import { train } from "../../../src/training/train.ts";
import { matrixOf, normals } from "../../numerics/support.ts";
import {
  batchFor,
  engine,
  hardwareRecipe,
  outputNoise,
  readNoise,
  smallNetwork,
  tileWith,
} from "./support.ts";

beforeAll(openTensors);

const managed = (unclipped_outputs_frac: number) =>
  settledInputRange({
    output_clipping: "widens-range",
    unclipped_outputs_frac,
    decay_factor: 0,
  });

describe("the rule", () => {
  const tallies = fc.nat(1000).chain((outputs) =>
    fc.record({
      outputs: fc.constant(outputs),
      clippedOutputs: fc.nat(outputs),
      allowed: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  );

  test("a step down the gradient widens iff fewer outputs than asked for are within", () => {
    fc.assert(
      fc.property(tallies, ({ allowed, ...counts }) => {
        const gradient = rangeGradient({ ...emptyTally(), ...counts }, managed(allowed));
        const { outputs, clippedOutputs } = counts;
        const within = outputs === 0 ? 1 : 1 - clippedOutputs / outputs;
        expect(gradient < 0).toBe(within < allowed);
        if (gradient < 0) expect(gradient).toBeCloseTo(-clippedOutputs / outputs, 12);
      }),
    );
  });

  test("by default outputs have no say, as in the preset of AIHWKIT", () => {
    const tally = { ...emptyTally(), outputs: 10, clippedOutputs: 10 };
    expect(widening(tally, settledInputRange())).toBe(0);
    expect(settledInputRange().unclipped_outputs_frac).toBe(0.95);
  });

  test("it is added to what inputs ask for", () => {
    const tally = { ...emptyTally(), outputs: 4, clippedOutputs: 2, gradient: -3, inputs: 1 };
    expect(rangeGradient(tally, managed(0.95))).toBe(-3.5);
  });
});

/** [rows][outputs] sums of a standard deviation of about 1, and how many the ADC clipped. */
function readWith(output_bound: number, bits: number) {
  const [rows, inputs, outputs] = [50, 16, 8];
  const tile = tileWith(
    { ...outputNoise(0), ...readNoise(0), output_bound },
    { input: 8, output: bits },
  );
  const weights = normals(outputs * inputs, 2);
  const matrix = stepMatrix(
    {
      ...{ ...trainingTile(tile, {}), weights, seed: 1, inputRanges: [1] },
      matrix: matrixOf(outputs, inputs, 1),
      blocks: [{ rowBegin: 0, rowEnd: inputs, colBegin: 0, colEnd: outputs }],
    },
    { weight_noise: { kind: "none" }, drop_connect_frac: 0, share: 1 },
    engine,
  );
  const slice = rowSlices(matrix)[0]!;
  const tally = emptyTally();
  const x = tf.tensor2d(normals(rows * inputs, 3, 0.5), [rows, inputs]);
  const y = valuesOf(
    readSlice(x, tf.tensor2d(weights, [outputs, inputs]), {
      ...{ slice, periphery: matrix.periphery, inputNoise: 0, range: 1, tally },
      normals: (count) => new Float32Array(count),
    }),
  );
  const atEnd = y.filter((value, i) => {
    const full = output_bound * slice.scales[i % outputs]!;
    return Math.abs(value) > full * (1 - 1e-5);
  });
  return { tally, atEnd: atEnd.length, count: y.length };
}

test.each([
  [1, 8],
  [1, 3],
  [1.5, 0],
  [1e6, 8],
])("clipped outputs are those at the ADC's last code: bound %f, %i bits", (bound, bits) => {
  const { tally, atEnd, count } = readWith(bound, bits);
  expect(tally.outputs).toBe(count);
  expect(tally.clippedOutputs).toBe(atEnd);
  expect(atEnd > 0).toBe(bound < 10);
});

describe("training", () => {
  const network = smallNetwork("lstm-lm");
  const start = stateFrom(
    new Map(network.parameters.map(({ name, initial }) => [name, initial.slice()])),
  );
  /** Ranges after a few steps in which nothing but output clipping moves them. */
  const rangesWith = (output_bound: number, output_clipping: "ignored" | "widens-range") => {
    const input_range = {
      ...{ initial_steps: 0, kappa: 20, decay_factor: 0, learning_rate_factor: 10 },
      output_clipping,
    };
    const hardware = {
      tile: tileWith({ output_bound }),
      recipe: hardwareRecipe({ steps: 3, input_range }),
      teacher: start.parameters,
    };
    const batchAt = (step: number) => batchFor("lstm-lm", 6, step);
    const { recipe } = hardware;
    const events = [...train({ network, recipe, hardware, start, batchAt, seed: 3, engine })];
    return [...events.at(-1)!.state().ranges].flatMap(([, ranges]) => [...ranges]);
  };

  test("ranges stay while nothing clips, and grow while much does", () => {
    const still = rangesWith(1e6, "ignored");
    expect(rangesWith(1e6, "widens-range")).toEqual(still);
    const ignoring = rangesWith(0.01, "ignored");
    rangesWith(0.01, "widens-range").forEach((range, r) => {
      expect(range).toBeGreaterThan(1.2 * ignoring[r]!);
    });
  });
});

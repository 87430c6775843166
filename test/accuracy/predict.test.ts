import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { INTERVALS, programmingErrors } from "../../src/accuracy/predict-error.ts";
import { predictRise } from "../../src/accuracy/predict-rise.ts";
import { sensitivityOf } from "../../src/accuracy/predict-sensitivity.ts";
import type { DeviceNoise } from "../../src/model/device-noise.ts";
import type { WeightMatrix } from "../../src/model/matrix.ts";
import { deviceModel } from "../../src/numerics/devices/index.ts";
import { programMatrix } from "../../src/numerics/program.ts";
import { scaleBlock } from "../../src/numerics/scaling.ts";
import { uniforms } from "../transformer/random-model.ts";

const source = { source: "test", evidence: "assumed" } as const;

/** What the devices hold for a column of weights, in normalised units. */
function programmed(
  weights: Float32Array,
  devices: DeviceNoise,
  omega: number,
  seed: number,
): Float32Array {
  const inputs = weights.length;
  const { blocks } = programMatrix({
    weights,
    matrix: { id: 0, module: "lm-head", part: "weight", layer: -1, expert: -1, inputs, outputs: 1 },
    blocks: [{ rowBegin: 0, rowEnd: inputs, colBegin: 0, colEnd: 1 }],
    numerics: {
      devices,
      weight_scaling: "column",
      weight_omega: omega,
      input_range: { kind: "dynamic" },
      output_bound: 0,
      output_noise: { std: 0, ...source },
      drift_compensation: "none",
    },
    inputBits: 0,
    outputBits: 0,
    inputRanges: null,
    seed,
    noise_scale: 1,
    age_s: 0,
  });
  return blocks[0]!.weights;
}

describe("the mean square error of programming", () => {
  /**
   * 40,000 draws: a mean square of normal errors is known to sqrt(2 / 40000) = 0.7 %, so 3 % is more
   * than four of its standard errors, and half of what a sigma wrong by 3 % would do.
   */
  const DRAWS = 40_000;
  const TOLERANCE = 0.03;

  test.each([
    ["gaussian", { kind: "gaussian", sigma_frac: 0.07, ...source }, 1],
    ["pcm", { kind: "pcm", programming_scale: 2.5, ...source }, 1],
    ["pcm below full scale", { kind: "pcm", ...source }, 0.7],
    ["hermes-1-device", { kind: "hermes-1-device", ...source }, 1],
    ["pcm-column-cubic", { kind: "pcm-column-cubic", ...source }, 1],
    ["reram-wan2022", { kind: "reram-wan2022", ...source }, 1],
    ["reram-cmo", { kind: "reram-cmo", ...source }, 1],
  ] as const satisfies readonly (readonly [string, DeviceNoise, number])[])(
    "is that of devices that are drawn: %s",
    (_name, spec, omega) => {
      const predicted = programmingErrors(deviceModel(spec), omega);
      for (const knot of [0, 3, INTERVALS / 4, INTERVALS]) {
        const target = knot / INTERVALS;
        // Both signs, as one device a weight is not symmetric; the last weight sets the scale to 1.
        const weights = Float32Array.from({ length: DRAWS + 1 }, (_, i) =>
          i === DRAWS ? 1 : i % 2 ? -target : target,
        );
        const held = programmed(weights, spec, omega, knot);
        let square = 0;
        for (let i = 0; i < DRAWS; i++) square += (held[i]! - omega * weights[i]!) ** 2 / DRAWS;
        expect(Math.abs(predicted[knot]! - square)).toBeLessThanOrEqual(TOLERANCE * square);
      }
    },
  );

  test("is nothing where devices are exact", () => {
    expect(
      programmingErrors(deviceModel({ kind: "ideal", ...source }), 1).every((e) => e === 0),
    ).toBe(true);
  });
});

/** A matrix of 5 outputs and 6 inputs, cut into four blocks. */
const MATRIX: WeightMatrix = {
  id: 1,
  module: "expert",
  part: "up",
  layer: 0,
  expert: 0,
  inputs: 6,
  outputs: 5,
};
const BLOCKS = [
  { rowBegin: 0, rowEnd: 4, colBegin: 0, colEnd: 3 },
  { rowBegin: 0, rowEnd: 4, colBegin: 3, colEnd: 5 },
  { rowBegin: 4, rowEnd: 6, colBegin: 0, colEnd: 3 },
  { rowBegin: 4, rowEnd: 6, colBegin: 3, colEnd: 5 },
];
const RANGES = [0.5, 3];

function randomCase(seed: number) {
  const next = uniforms(seed);
  const signed = (n: number) => Float32Array.from({ length: n }, next);
  const positive = (n: number) => Float64Array.from({ length: n }, () => next() ** 2);
  return {
    weights: signed(30),
    curvature: {
      weights: Float32Array.from(positive(30)),
      reads: Float32Array.from(positive(30)),
      outputs: positive(5),
      outputsTimesRange: positive(5),
      inputs: positive(6),
      inputsTimesRange: positive(6),
    },
  };
}

describe("the predicted rise of a matrix", () => {
  test.each(["tile", "column"] as const)(
    "is half of variance times curvature, summed weight by weight: %s scaling",
    (scaling) => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
          const { weights, curvature } = randomCase(seed);
          const omega = 0.8;
          const sensitivity = sensitivityOf({
            weights,
            matrix: MATRIX,
            curvature,
            blocks: BLOCKS,
            scaling,
            omega,
            inputRanges: RANGES,
          });
          // an error that is linear in |w|, which the histogram keeps exactly
          const at = (size: number): number => 0.01 + 0.3 * size;
          const rise = predictRise(sensitivity, {
            weights: Float64Array.from({ length: INTERVALS + 1 }, (_, i) =>
              at((i / INTERVALS) * omega),
            ),
            reads: 0.02,
            outputs: 0.05,
            inputs: 0.07,
          });
          let [programmed, reads, outputs, inputs] = [0, 0, 0, 0];
          for (const block of BLOCKS) {
            const held = scaleBlock(weights, 6, block, scaling, omega);
            const range = RANGES[block.rowBegin === 0 ? 0 : 1]!;
            for (let o = block.colBegin; o < block.colEnd; o++) {
              const scale = held.scale[o - block.colBegin]!;
              outputs += 0.05 * (scale * range) ** 2 * curvature.outputs[o]!;
              for (let i = block.rowBegin; i < block.rowEnd; i++) {
                const size = Math.abs(weights[o * 6 + i]!) / scale;
                programmed += at(size) * scale ** 2 * curvature.weights[o * 6 + i]!;
                reads += 0.02 * size * scale ** 2 * curvature.reads[o * 6 + i]!;
              }
            }
          }
          for (let i = 0; i < 6; i++)
            inputs += 0.07 * RANGES[i < 4 ? 0 : 1]! ** 2 * curvature.inputs[i]!;
          const close = (found: number, expected: number): void =>
            // float32 weights
            expect(Math.abs(found - expected / 2)).toBeLessThanOrEqual(1e-5 * expected);
          close(rise.weights_nats, programmed);
          close(rise.reads_nats, reads);
          close(rise.outputs_nats, outputs);
          close(rise.inputs_nats, inputs);
          close(rise.total_nats, programmed + reads + outputs + inputs);
        }),
        { numRuns: 30 },
      );
    },
  );

  test("with dynamic ranges takes the range of each token", () => {
    const { weights, curvature } = randomCase(5);
    const common = { weights, matrix: MATRIX, curvature, blocks: BLOCKS, omega: 1 } as const;
    const dynamic = sensitivityOf({ ...common, scaling: "none", inputRanges: null });
    const sum = (x: Float64Array) => x.reduce((a, b) => a + b, 0);
    expect(dynamic.inputs).toBeCloseTo(sum(curvature.inputsTimesRange), 12);
    // two row ranges, each with noise of its own
    expect(dynamic.outputs).toBeCloseTo(2 * sum(curvature.outputsTimesRange), 12);
  });
});

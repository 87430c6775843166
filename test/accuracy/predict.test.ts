import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { outputErrors } from "../../src/accuracy/predict-converters.ts";
import { INTERVALS, programmingErrors } from "../../src/accuracy/predict-error.ts";
import { predictRise } from "../../src/accuracy/predict-rise.ts";
import { sensitivityOf } from "../../src/accuracy/predict-sensitivity.ts";
import type { DeviceNoise } from "../../src/model/device-noise.ts";
import type { WeightMatrix } from "../../src/model/matrix.ts";
import { deviceModel } from "../../src/numerics/devices/index.ts";
import { programMatrix } from "../../src/numerics/program.ts";
import { scaleBlock } from "../../src/numerics/scaling.ts";
import { fillNormals } from "../../src/random/philox.ts";
import { SIZE_BINS, sizeOfBin } from "../../src/transformer/curvature.ts";
import { uniforms } from "../transformer/random-model.ts";
import { madeUpColumns } from "./made-up-columns.ts";

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
      const predicted = programmingErrors(deviceModel(spec));
      for (const knot of [0, 3, INTERVALS / 4, INTERVALS]) {
        const target = knot / INTERVALS;
        // Both signs, as one device a weight is not symmetric; the last weight sets the scale to 1.
        const weights = Float32Array.from({ length: DRAWS + 1 }, (_, i) =>
          i === DRAWS ? 1 : i % 2 ? -target : target,
        );
        const held = programmed(weights, spec, omega, knot);
        let square = 0;
        for (let i = 0; i < DRAWS; i++) square += (held[i]! - omega * weights[i]!) ** 2 / DRAWS;
        // predicted in units of the largest weight, which is held as omega
        const expected = predicted[knot]! * omega ** 2;
        expect(Math.abs(expected - square)).toBeLessThanOrEqual(TOLERANCE * square);
      }
    },
  );

  test("is nothing where devices are exact", () => {
    expect(programmingErrors(deviceModel({ kind: "ideal", ...source })).every((e) => e === 0)).toBe(
      true,
    );
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
  const bySize = () => ({ squares: positive(SIZE_BINS), slopes: positive(SIZE_BINS) });
  return {
    weights: signed(30),
    curvature: {
      weights: Float32Array.from(positive(30)),
      reads: Float32Array.from(positive(30)),
      inputs: positive(6),
      slope: signed(30),
      bySize: bySize(),
      bySizeOverRange: bySize(),
      along: positive(2),
    },
    columns: { ...madeUpColumns(next), slopes: positive(SIZE_BINS) },
  };
}

describe("the predicted rise of a matrix", () => {
  test.each(["tile", "column"] as const)(
    "is slope times mean error and half of curvature times mean square, weight by weight: %s scaling",
    (scaling) => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
          const { weights, curvature, columns } = randomCase(seed);
          const sensitivity = sensitivityOf({
            weights,
            matrix: MATRIX,
            curvature,
            columns,
            blocks: BLOCKS,
            scaling,
            inputRanges: RANGES,
          });
          // a spread that is linear in |w| and a bias in proportion, which the histogram keeps
          const spread = (size: number): number => 0.01 + 0.3 * size;
          const knots = Float64Array.from({ length: INTERVALS + 1 }, (_, i) => i / INTERVALS);
          const BIAS = -0.05;
          const weightsOnly = {
            weights: {
              mean: knots.map((u) => u * (1 + BIAS)),
              variance: knots.map((u) => spread(u)),
              programmedSize: knots,
              size: knots,
            },
            compensates: false,
            reads: 0.02,
            outputs: { square: zeros.map(() => 0.05), mean: zeros.map(() => -0.02) },
            dropShares: zeros,
            inputs: () => ({ mean: zeros.map(() => -0.1), square: zeros.map(() => 0.07) }),
            inputNoise: 0,
          };
          const rise = predictRise(sensitivity, weightsOnly);
          let [programmed, reads] = [0, 0];
          for (const block of BLOCKS) {
            const held = scaleBlock(weights, 6, block, scaling, 1);
            for (let o = block.colBegin; o < block.colEnd; o++) {
              const scale = held.scale[o - block.colBegin]!;
              for (let i = block.rowBegin; i < block.rowEnd; i++) {
                const weight = weights[o * 6 + i]!;
                const size = Math.abs(weight) / scale;
                const square = spread(size) + (BIAS * size) ** 2;
                programmed += (square * scale ** 2 * curvature.weights[o * 6 + i]!) / 2;
                programmed += BIAS * weight * curvature.slope[o * 6 + i]!;
                reads += (0.02 * size * scale ** 2 * curvature.reads[o * 6 + i]!) / 2;
              }
            }
          }
          const total = (x: Float64Array) => x.reduce((a, b) => a + b, 0);
          const outputs = (0.05 * total(columns.squares)) / 2 - 0.02 * total(columns.slopes);
          const share = total(curvature.inputs.slice(0, 4)) / total(curvature.inputs);
          const meanOf = (f: (r: number) => number) =>
            share * f(RANGES[0]!) + (1 - share) * f(RANGES[1]!);
          const inputs =
            (total(curvature.bySize.squares) * 0.07 * meanOf((r) => r * r)) / 2 -
            total(curvature.bySize.slopes) * 0.1 * meanOf((r) => r);
          const close = (found: number, expected: number): void =>
            // float32 weights; squares between two knots are those of a chord
            expect(Math.abs(found - expected)).toBeLessThanOrEqual(2e-5 * (1 + Math.abs(expected)));
          close(rise.weights_nats, programmed);
          close(rise.reads_nats, reads);
          close(rise.outputs_nats, outputs);
          close(rise.inputs_nats, inputs);
          close(rise.total_nats, programmed + reads + outputs + inputs);
          close(rise.weightFactor, BIAS);
        }),
        { numRuns: 30 },
      );
    },
  );

  test("with dynamic ranges takes the range of each token", () => {
    const { weights, curvature, columns } = randomCase(5);
    const common = { weights, matrix: MATRIX, curvature, columns, blocks: BLOCKS } as const;
    const dynamic = sensitivityOf({ ...common, scaling: "column", inputRanges: null });
    expect(dynamic.inputs.bySize).toBe(curvature.bySizeOverRange);
    expect(dynamic.inputs.ranges).toBe(null);
  });
});

const zeros = new Float64Array(SIZE_BINS);

describe("what converters do", () => {
  /** Draws of sums all over a bin, with noise, through the ADC: standard errors below 1 % for 40,000. */
  test.each([
    ["8 bits", { outputLevels: 127, outputBound: 10, outputNoise: 0.04 }, 0.5],
    ["sums below a step", { outputLevels: 7, outputBound: 10, outputNoise: 0.1 }, 0.3],
    [
      "a bin that is as wide as a step",
      { outputLevels: 127, outputBound: 10, outputNoise: 0 },
      0.7,
    ],
    ["a bin at half a step", { outputLevels: 127, outputBound: 10, outputNoise: 0 }, 0.04],
    ["clipping", { outputLevels: 127, outputBound: 1, outputNoise: 0.01 }, 1.3],
    ["the last code", { outputLevels: 7, outputBound: 1, outputNoise: 0.02 }, 0.98],
    ["no rounding", { outputLevels: 0, outputBound: 1, outputNoise: 0.1 }, 1],
  ] as const)("the ADC errs as drawn sums do: %s", (_name, adc, size) => {
    const bin = Array.from({ length: SIZE_BINS }, (_, b) => b).findIndex(
      (b) => sizeOfBin(b + 1) > size,
    );
    const [begin, end] = [sizeOfBin(bin), sizeOfBin(bin + 1)];
    const { square, mean } = outputErrors(adc, 1);
    const DRAWS = 40_000;
    const normals = new Float32Array(DRAWS);
    fillNormals(normals, { seed: 3, matrix: 0, block: 0, purpose: "output", row: 0 });
    let [squares, errors] = [0, 0];
    for (let i = 0; i < DRAWS; i++) {
      const sum = begin + ((end - begin) * (i + 0.5)) / DRAWS;
      const noisy = sum + adc.outputNoise * normals[i]!;
      const step = adc.outputLevels > 0 ? adc.outputBound / adc.outputLevels : 0;
      const rounded = step > 0 ? Math.round(noisy / step) * step : noisy;
      const error = Math.min(Math.max(rounded, -adc.outputBound), adc.outputBound) - sum;
      squares += (error * error) / DRAWS;
      errors += error / DRAWS;
    }
    expect(Math.abs(square[bin]! / squares - 1)).toBeLessThan(0.03);
    expect(Math.abs(mean[bin]! - errors)).toBeLessThan(
      0.02 * Math.sqrt(squares) + (4 * adc.outputNoise) / Math.sqrt(DRAWS),
    );
  });

  test("without rounding, an ADC whose bound nothing reaches adds its noise and no more", () => {
    const { square, mean } = outputErrors(
      { outputLevels: 0, outputBound: 1e5, outputNoise: 0.3 },
      0.7,
    );
    for (let bin = 0; bin < SIZE_BINS; bin++) {
      expect(mean[bin]).toBe(0);
      expect(square[bin]).toBeCloseTo((0.3 / 0.7) ** 2, 12);
    }
  });
});

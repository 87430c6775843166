import { describe, expect, test } from "vitest";
import { programMatrix } from "../../../src/numerics/program.ts";
import { noisyMatrix, type StepNoise } from "../../../src/training/moe/noisy-matrix.ts";
import { rangesOf, trainedMatrix, weightsOf } from "../../../src/training/moe/parameters.ts";
import { heldTransposed } from "../../../src/training/moe/step-decoder.ts";
import { trainingTile } from "../../../src/training/step-matrix.ts";
import { uniforms } from "../../transformer/random-model.ts";
import { engine, tileWith } from "./small-model.ts";

const [outputs, inputs] = [256, 256];
const matrix = {
  id: 4,
  module: "expert",
  part: "up",
  layer: 0,
  expert: 1,
  inputs,
  outputs,
} as const;
const pcm = { kind: "pcm", source: "test", evidence: "assumed" } as const;
const tile = tileWith({ devices: pcm }, 8);
const next = uniforms(8);
const weights = Float32Array.from({ length: outputs * inputs }, () => next() / 9);
const ranges = new Float64Array(4).fill(2);
const trained = trainedMatrix(matrix, tile, weights, ranges);
const NOISE: StepNoise = {
  seed: 2 ** 32 + 5,
  weight_noise: { kind: "programming", scale: 3 },
  share: 1,
  drop_connect_frac: 0,
  forward: {},
};

/** Normalised weights, block by block. */
const heldBy = (noise: Partial<StepNoise>) =>
  noisyMatrix(trained, { ...NOISE, ...noise }, engine).blocks.map((block) => block.weights);
const all = (blocks: readonly Float32Array[]) => blocks.flatMap((block) => [...block]);
const std = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
const quiet = all(heldBy({ weight_noise: { kind: "none" } }));

describe("the matrix of a step", () => {
  test("is what inference programs with as many times the noise", () => {
    const programmed = programMatrix({
      ...{ weights: weightsOf(trained), matrix, blocks: trained.blocks, ...trainingTile(tile, {}) },
      ...{ inputRanges: rangesOf(trained), seed: NOISE.seed, noise_scale: 3, age_s: 0 },
    });
    expect(noisyMatrix(trained, NOISE, engine)).toEqual(programmed);
  });

  test("has the ramp's share of the noise", () => {
    const full = heldBy({ weight_noise: { kind: "programming", scale: 1.5 } });
    expect(heldBy({ share: 0.5 })).toEqual(full);
  });

  test("gaussian noise has its size in units of the largest weight, and no mean", () => {
    const noisy = all(heldBy({ weight_noise: { kind: "gaussian", std: 0.05 } }));
    const errors = noisy.map((w, i) => w - quiet[i]!);
    // 65,536 numbers: standard error of the deviation 0.28 %, of the mean 0.39 % of it
    expect(Math.abs(std(errors) / 0.05 - 1)).toBeLessThan(0.01);
    expect(Math.abs(errors.reduce((a, b) => a + b, 0) / errors.length)).toBeLessThan(0.05 * 0.014);
  });

  test("drops its share of the weights, on top of the noise", () => {
    const gaussian = { weight_noise: { kind: "gaussian", std: 0.05 } } as const;
    const noisy = all(heldBy(gaussian));
    const dropped = all(heldBy({ ...gaussian, drop_connect_frac: 0.1 }));
    const lost = dropped.filter((w) => w === 0).length / dropped.length;
    // binomial: standard error 0.0012
    expect(Math.abs(lost - 0.1)).toBeLessThan(0.004);
    dropped.forEach((w, i) => {
      if (w !== 0) expect(w).toBe(noisy[i]);
    });
  });

  test("has other noise in another step, the same in the same", () => {
    expect(heldBy({})).toEqual(heldBy({}));
    const other = all(heldBy({ seed: NOISE.seed + 2 ** 32 }));
    const own = all(heldBy({}));
    const same = other.filter((w, i) => w === own[i]).length;
    expect(same / own.length).toBeLessThan(0.01);
  });
});

test("the recipe's converters take the place of the tile's", () => {
  const forward = { input_bits: 6, output_bits: null, output_bound: 7, output_noise_std: 0.3 };
  const { periphery } = noisyMatrix(trained, { ...NOISE, forward }, engine);
  expect(periphery).toMatchObject({
    inputLevels: 31,
    outputLevels: 0,
    outputBound: 7,
    outputNoise: 0.3,
  });
  const dropped = trainingTile(tile, { ir_drop_scale: 2, read_noise_std: 0.01 }).numerics;
  expect(dropped.ir_drop?.scale).toBe(2);
  expect(dropped.read_noise?.std).toBe(0.01);
});

test("bit slices are refused: an effective weight is not there to go back through", () => {
  const sliced = { ...tile, crossbar: { ...tile.crossbar, slices: 4, cell_bits: 2 } };
  expect(() => trainingTile(sliced, {})).toThrow(/one cell a weight/);
});

test("the way back has the weights that are held, turned", () => {
  const noisy = noisyMatrix(trained, { ...NOISE, drop_connect_frac: 0.1 }, engine);
  const turned = heldTransposed(noisy);
  for (const block of noisy.blocks.slice(3, 9))
    for (const [o, i] of [
      [0, 0],
      [3, 60],
      [63, 63],
    ] as const) {
      const rows = block.rowEnd - block.rowBegin;
      const held = block.weights[o * rows + i]! * block.scale[o]!;
      expect(turned[(block.rowBegin + i) * outputs + block.colBegin + o]).toBeCloseTo(held, 6);
    }
});

/** The product in the training loop: equal to inference, straight through backward, right noise. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { AnalogTile } from "../../../src/model/arch.ts";
import type { WeightNoiseSpec } from "../../../src/model/training-recipe.ts";
import type { AnalogMatrix } from "../../../src/numerics/engine.ts";
import { createReferenceEngine } from "../../../src/numerics/engines/reference.ts";
import { readSlice } from "../../../src/training/analog-read.ts";
import { emptyTally } from "../../../src/training/range-tally.ts";
import { rowSlices } from "../../../src/training/row-slice.ts";
import { stepMatrix, trainingTile } from "../../../src/training/step-matrix.ts";
import { openTensors, valuesOf } from "../../../src/training/tensors.ts";
import { device, matrixOf, normals } from "../../numerics/support.ts";
import { engine, idealTile, outputNoise, readNoise, tileWith } from "./support.ts";

beforeAll(openTensors);

const ROWS = 40;
const INPUTS = 24;
const OUTPUTS = 10;
const RANGE = 2;
const x = normals(ROWS * INPUTS, 1);
const weights = normals(OUTPUTS * INPUTS, 2, 0.2);
const none: WeightNoiseSpec = { kind: "none" };

interface Setting {
  readonly tile: AnalogTile;
  readonly weight_noise?: WeightNoiseSpec;
  readonly drop?: number;
  readonly share?: number;
  readonly step?: number;
  readonly range?: number;
}

function matrixFor({
  tile,
  weight_noise = none,
  drop = 0,
  share = 1,
  step = 1,
}: Setting): AnalogMatrix {
  return stepMatrix(
    {
      ...trainingTile(tile, {}),
      weights,
      matrix: matrixOf(OUTPUTS, INPUTS, step),
      blocks: [{ rowBegin: 0, rowEnd: INPUTS, colBegin: 0, colEnd: OUTPUTS }],
      inputRanges: [RANGE],
      seed: 5,
    },
    { weight_noise, drop_connect_frac: drop, share },
    engine,
  );
}

function reader(setting: Setting, row = 0) {
  const matrix = matrixFor(setting);
  const slice = rowSlices(matrix)[0]!;
  const tally = emptyTally();
  const inputNoise = setting.tile.numerics.periphery?.input_noise_std ?? 0;
  const read = (input: tf.Tensor, w: tf.Tensor): tf.Tensor2D =>
    readSlice(input as tf.Tensor2D, w as tf.Tensor2D, {
      ...{ slice, periphery: matrix.periphery, range: setting.range ?? RANGE, inputNoise, tally },
      normals: (count, purpose) => {
        const z = new Float32Array(count);
        engine.fillNormals(z, { seed: 5, matrix: 1, block: 0, purpose, row });
        return z;
      },
    });
  return { read, matrix, tally };
}

const tensors = (values: Float32Array = x): [tf.Tensor2D, tf.Tensor2D] => [
  tf.tensor2d(values, [values.length / INPUTS, INPUTS]),
  tf.tensor2d(weights, [OUTPUTS, INPUTS]),
];

const forward = (setting: Setting, row = 0): Float32Array =>
  valuesOf(reader(setting, row).read(...tensors()));

const noiseless = (change: Partial<AnalogTile["numerics"]> = {}) =>
  tileWith({ ...outputNoise(0), ...readNoise(0), ...change });

const NO_ROUNDING = { input: 0, output: 0 };

const noiselessFine = (change: Partial<AnalogTile["numerics"]>) =>
  tileWith({ ...outputNoise(0), ...readNoise(0), ...change }, NO_ROUNDING);

const irDrop = {
  ir_drop: { scale: 1, conductance_ratio: 571428, source: "test", evidence: "assumed" },
} as const;

describe("forward", () => {
  test.each([
    ["converters", noiseless()],
    ["a narrow ADC, which clips", noiseless({ output_bound: 1 })],
    ["IR drop, strong", noiseless({ ir_drop: { ...irDrop.ir_drop, conductance_ratio: 200 } })],
    ["one scale a tile", noiseless({ weight_scaling: "tile" })],
  ])("as the reference engine: %s", (_what, tile) => {
    const setting: Setting = { tile, weight_noise: { kind: "programming", scale: 3 } };
    const expected = new Float32Array(ROWS * OUTPUTS);
    const ids = new Uint32Array(ROWS);
    createReferenceEngine().analog(matrixFor(setting)).apply(x, ROWS, ids, expected);
    const found = forward(setting);
    // Sums are added up in another order, so that now and then a value falls to the next code.
    const code = (RANGE * tile.numerics.output_bound) / 127;
    const differ = found.filter((y, i) => Math.abs(y - expected[i]!) > 1e-5 * RANGE);
    expect(differ.length).toBeLessThanOrEqual(2);
    found.forEach((y, i) => {
      expect(Math.abs(y - expected[i]!)).toBeLessThan(code);
    });
  });

  test("ideal tile: the product of clipped inputs", () => {
    const clipped = x.map((v) => Math.min(Math.max(v, -RANGE), RANGE));
    const [input, w] = tensors(clipped);
    const expected = valuesOf(tf.matMul(input, w, false, true));
    forward({ tile: idealTile }).forEach((y, i) => {
      expect(y).toBeCloseTo(expected[i]!, 5);
    });
  });
});

describe("backward", () => {
  const tile = tileWith({ ...outputNoise(0.2), ...readNoise(0.1), ...irDrop });
  const dy = normals(ROWS * OUTPUTS, 9);
  const gradientsOf = (setting: Setting, row = 0) => {
    const { read, matrix, tally } = reader(setting, row);
    const [input, w] = tensors();
    const { grads } = pullBack(read, [input, w], dy);
    return { dx: valuesOf(grads[0]!), dw: valuesOf(grads[1]!), matrix, tally };
  };

  test("straight through: dx is dy times the step's weights, 0 where the DAC clipped", () => {
    const { dx, matrix } = gradientsOf({ tile, weight_noise: { kind: "gaussian", std: 0.1 } });
    const { weights: held, scale } = matrix.blocks[0]!;
    for (let row = 0; row < ROWS; row++)
      for (let k = 0; k < INPUTS; k++) {
        let sum = 0;
        for (let o = 0; o < OUTPUTS; o++)
          sum += dy[row * OUTPUTS + o]! * held[o * INPUTS + k]! * scale[o]!;
        const isOpen = Math.abs(x[row * INPUTS + k]!) <= RANGE;
        expect(dx[row * INPUTS + k]).toBeCloseTo(isOpen ? sum : 0, 4);
      }
  });

  test("noise of the read does not enter it", () => {
    const setting: Setting = { tile };
    const [a, b] = [gradientsOf(setting, 0), gradientsOf(setting, 1)];
    expect(forward(setting, 0)).not.toEqual(forward(setting, 1));
    expect(a.dx).toEqual(b.dx);
    expect(a.dw).toEqual(b.dw);
  });

  test("dW is dy^T times the inputs as converted", () => {
    const { dw } = gradientsOf({ tile, weight_noise: { kind: "gaussian", std: 0.1 } });
    const step = RANGE / 127;
    const coded = x.map((v) => step * Math.round(Math.min(Math.max(v, -RANGE), RANGE) / step));
    for (let o = 0; o < OUTPUTS; o++)
      for (let k = 0; k < INPUTS; k++) {
        let sum = 0;
        for (let row = 0; row < ROWS; row++)
          sum += dy[row * OUTPUTS + o]! * coded[row * INPUTS + k]!;
        expect(dw[o * INPUTS + k]).toBeCloseTo(sum, 3);
      }
  });

  test("no gradient through a clipped output", () => {
    const { read } = reader({ tile: noiseless({ output_bound: 1e-3 }) });
    const { grads } = pullBack(read, tensors(), dy);
    const share = valuesOf(grads[0]!).filter((g) => g === 0).length / (ROWS * INPUTS);
    expect(share).toBeGreaterThan(0.95);
  });

  test.each([
    ["clipped inputs", idealTile],
    ["noise", tileWith({ ...outputNoise(0.2), ...readNoise(0) }, NO_ROUNDING)],
    ["an ADC that clips", noiselessFine({ output_bound: 2 })],
  ])("straight through by the range's logarithm: %s", (_what, tile) => {
    const { tally } = gradientsOf({ tile });
    const at = (step: number): number => dot(forward({ tile, range: RANGE * Math.exp(step) }), dy);
    const expected = (at(1e-3) - at(-1e-3)) / 2e-3;
    expect(Math.abs(tally.slope / expected - 1)).toBeLessThan(0.02);
  });

  test("ideal tile: differences of the loss", () => {
    const { read } = reader({ tile: idealTile });
    const small = x.map((v) => 0.4 * v);
    const { grads } = pullBack(read, tensors(small), dy);
    const direction = normals(x.length, 31);
    const along = (step: number): number => {
      const moved = small.map((v, i) => v + step * direction[i]!);
      return dot(valuesOf(read(...tensors(moved))), dy);
    };
    const expected = (along(0.01) - along(-0.01)) / 0.02;
    expect(Math.abs(dot(valuesOf(grads[0]!), direction) / expected - 1)).toBeLessThan(1e-3);
  });
});

describe("noise", () => {
  /** Relative error of a standard deviation of n numbers: 1 / sqrt(2 n); 4 of them, below 1 %. */
  const within1Percent = 0.01;

  test("output noise has the tile's standard deviation", () => {
    const quiet = forward({ tile: tileWith({ ...outputNoise(0), ...readNoise(0) }, NO_ROUNDING) });
    const tile = tileWith({ ...outputNoise(0.3), ...readNoise(0) }, NO_ROUNDING);
    const worth = matrixFor({ tile }).blocks[0]!.scale.map((s) => s * RANGE);
    const errors: number[] = [];
    for (let row = 0; row < 250; row++)
      forward({ tile }, row).forEach((y, i) => {
        errors.push((y - quiet[i]!) / worth[i % OUTPUTS]!);
      });
    expect(Math.abs(rms(errors) / 0.3 - 1)).toBeLessThan(within1Percent);
  });

  test("read noise grows with the root of the conductance", () => {
    const quiet = forward({ tile: tileWith({ ...outputNoise(0), ...readNoise(0) }, NO_ROUNDING) });
    const tile = tileWith({ ...outputNoise(0), ...readNoise(0.2) }, NO_ROUNDING);
    const { weights: held, scale } = matrixFor({ tile }).blocks[0]!;
    const sigma = quiet.map((_, i) => {
      const [row, o] = [Math.floor(i / OUTPUTS), i % OUTPUTS];
      let energy = 0;
      for (let k = 0; k < INPUTS; k++) {
        const v = Math.min(Math.abs(x[row * INPUTS + k]!) / RANGE, 1);
        energy += Math.abs(held[o * INPUTS + k]!) * v * v;
      }
      return 0.2 * Math.sqrt(energy) * scale[o]! * RANGE;
    });
    const errors: number[] = [];
    for (let row = 0; row < 250; row++)
      forward({ tile }, row).forEach((y, i) => {
        errors.push((y - quiet[i]!) / sigma[i]!);
      });
    expect(Math.abs(rms(errors) - 1)).toBeLessThan(within1Percent);
  });

  test("input noise, referred to the output", () => {
    const periphery = { input_noise_std: 0.1, source: "test", evidence: "assumed" } as const;
    const quiet = forward({ tile: tileWith({ ...outputNoise(0), ...readNoise(0) }, NO_ROUNDING) });
    const tile = tileWith({ ...outputNoise(0), ...readNoise(0), periphery }, NO_ROUNDING);
    const { weights: held, scale } = matrixFor({ tile }).blocks[0]!;
    const sigma = Array.from({ length: OUTPUTS }, (_, o) => {
      const row = held.subarray(o * INPUTS, (o + 1) * INPUTS);
      return 0.1 * RANGE * scale[o]! * Math.sqrt(dot(row, row));
    });
    const errors: number[] = [];
    for (let row = 0; row < 250; row++)
      forward({ tile }, row).forEach((y, i) => {
        errors.push((y - quiet[i]!) / sigma[i % OUTPUTS]!);
      });
    expect(Math.abs(rms(errors) - 1)).toBeLessThan(within1Percent);
  });

  const clean = () => matrixFor({ tile: noiseless() }).blocks[0]!.weights;
  const steps = (setting: Setting, count: number): Float32Array[] =>
    Array.from({ length: count }, (_, step) => matrixFor({ ...setting, step }).blocks[0]!.weights);

  test("Gaussian weight noise: share x std of the largest weight", () => {
    const before = clean();
    const setting: Setting = {
      ...{ tile: noiseless(), share: 0.5 },
      weight_noise: { kind: "gaussian", std: 0.2 },
    };
    const errors = steps(setting, 350).flatMap((held) => [...held].map((w, i) => w - before[i]!));
    expect(Math.abs(rms(errors) / 0.1 - 1)).toBeLessThan(within1Percent);
  });

  test("programming noise: scale x that of the devices at their conductance", () => {
    const before = clean();
    const setting: Setting = {
      tile: noiseless({ devices: device({ kind: "pcm", g_max_uS: 25 }) }),
      weight_noise: { kind: "programming", scale: 0.5 },
    };
    const errors: number[] = [];
    for (const held of steps(setting, 700))
      held.forEach((w, i) => {
        const q = Math.abs(before[i]!);
        // Away from 0 the device never reaches its lowest conductance; the other device of the pair
        // is at 0 and keeps the positive half of its noise, 0.26348 uS: variance 1/2 - 1/(2 pi).
        if (q < 0.25) return;
        const own = (0.5 * (0.26348 + 1.965 * q - 1.1731 * q * q)) / 25;
        const zero = (0.5 * 0.26348) / 25;
        const mean = -zero / Math.sqrt(2 * Math.PI);
        const variance = own * own + zero * zero * (0.5 - 1 / (2 * Math.PI));
        errors.push((Math.abs(w) - q - mean) / Math.sqrt(variance));
      });
    expect(errors.length).toBeGreaterThan(60_000);
    expect(Math.abs(rms(errors) - 1)).toBeLessThan(within1Percent);
  });

  test("drop-connect drops its share", () => {
    const held = steps({ tile: noiseless(), drop: 0.1 }, 400).flatMap((w) => [...w]);
    const dropped = held.filter((w) => w === 0).length / held.length;
    // 4 standard errors of 96,000 draws.
    expect(Math.abs(dropped - 0.1)).toBeLessThan(4 * Math.sqrt((0.1 * 0.9) / held.length));
  });

  test("every step draws anew, and the same step the same", () => {
    const setting: Setting = { tile: noiseless(), weight_noise: { kind: "gaussian", std: 0.1 } };
    const [a, b] = steps(setting, 2);
    expect(a).not.toEqual(b);
    expect(steps(setting, 1)[0]).toEqual(a);
  });
});

function pullBack(
  read: (input: tf.Tensor, w: tf.Tensor) => tf.Tensor2D,
  inputs: readonly tf.Tensor[],
  dy: Float32Array,
): { readonly grads: readonly tf.Tensor[] } {
  const f = (input: tf.Tensor, w: tf.Tensor): tf.Tensor => read(input, w);
  return { grads: tf.grads(f)([...inputs], tf.tensor2d(dy, [ROWS, OUTPUTS])) };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

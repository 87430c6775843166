/** Noise that the shaders draw, against formulas and AIHWKIT's figures, on SwiftShader. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GpuContext } from "../../src/gpu/context.ts";
import { createRecorder, type Recorder } from "../../src/gpu/recorder.ts";
import type { AnalogMatrix } from "../../src/numerics/engine.ts";
import { readCases } from "../numerics/golden/golden.ts";
import { mean, std } from "../numerics/support.ts";
import { engineCase } from "./golden-cases.ts";
import { noSoftwareDriver, softwareGpu } from "./open.ts";
import { runProduct } from "./run-product.ts";

/** Software reads wide matrices in less time than tall inputs: each output is there many times. */
const ROWS = 1000;
const COPIES = 20;
const READS = ROWS * COPIES;

/** The matrix beside itself: output c of copy k is k times the outputs, plus c. */
function repeated(matrix: AnalogMatrix): AnalogMatrix {
  const block = matrix.blocks[0]!;
  const outputs = matrix.outputs * COPIES;
  const weights = new Float32Array(block.weights.length * COPIES);
  const scale = new Float32Array(outputs);
  for (let copy = 0; copy < COPIES; copy++) {
    weights.set(block.weights, copy * block.weights.length);
    scale.set(block.scale, copy * matrix.outputs);
  }
  return { ...matrix, outputs, blocks: [{ ...block, colEnd: outputs, weights, scale }] };
}

const cases = readCases("19-io-noise-stats.json")
  .map(engineCase)
  .filter((c) => c !== null);

/** Mean of products of what two outputs have beside their means, in units of their deviations. */
function correlation(a: Float32Array, b: Float32Array): number {
  const [ma, mb] = [mean(a), mean(b)];
  const sum = a.reduce((total, v, i) => total + (v - ma) * (b[i]! - mb), 0);
  return sum / a.length / std(a) / std(b);
}

test("output noise, read noise, and noise in front of an ADC are there", () => {
  expect(cases.map(({ name }) => name)).toEqual([
    ...["out_noise_0.06", "w_noise_pcm_read_0.0175", "out_noise_then_adc"],
  ]);
});

describe.skipIf(noSoftwareDriver !== null)(
  `noise on the GPU (skipped: ${noSoftwareDriver})`,
  () => {
    let gpu: GpuContext;
    let recorder: Recorder;
    beforeAll(async () => {
      gpu = await softwareGpu();
      recorder = createRecorder(gpu);
    });
    afterAll(() => {
      recorder.release();
      gpu.close();
    });

    test.each(cases)("$name", async ({ matrix, x, given }) => {
      const { inputs, outputs } = matrix;
      const many = new Float32Array(ROWS * inputs);
      for (let n = 0; n < ROWS; n++) many.set(x.values, n * inputs);
      const rowIds = Uint32Array.from({ length: ROWS }, (_, n) => n);
      const y = await runProduct(recorder, repeated(matrix), many, rowIds);
      // Reads of an output: row by row, copy by copy.
      const own = Array.from({ length: outputs }, (_, o) =>
        Float32Array.from({ length: READS }, (_, n) => y[n * outputs + o]!),
      );
      const wanted: readonly number[] = given.std_formula ?? given.std;
      // Mean of six standard deviations of 20,000: 0.2 % standard error, so 2 % is ten of them.
      const ratio = mean(own.map((values, o) => std(values) / wanted[o]!));
      // AIHWKIT's own draws come from a table that is up to 1 % off.
      expect(Math.abs(ratio - 1)).toBeLessThan(given.std_formula ? 0.008 : 0.015);
      const quiet: readonly number[] = given.ideal.flat();
      own.forEach((values, o) => {
        const sem = wanted[o]! / Math.sqrt(READS);
        // An ADC's steps of 0.079 move the mean by less than a twentieth of one.
        const steps = matrix.periphery.outputLevels > 0 ? 0.004 : 0;
        expect(Math.abs(mean(values) - quiet[o]!)).toBeLessThan(4 * sem + steps);
        // Neither the next output nor the next read, nor the same one of the next row, is drawn alike.
        const next = own[(o + 1) % outputs]!;
        expect(Math.abs(correlation(values, next))).toBeLessThan(4 / Math.sqrt(READS));
        for (const distance of [1, COPIES]) {
          const lag = correlation(values.subarray(0, READS - distance), values.subarray(distance));
          expect(Math.abs(lag)).toBeLessThan(4 / Math.sqrt(READS));
        }
      });
    });
  },
);

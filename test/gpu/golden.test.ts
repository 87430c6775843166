import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arithmeticOf } from "../../src/gpu/analog-store.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import { createRecorder, type Recorder } from "../../src/gpu/recorder.ts";
import { expectClose, readCases } from "../numerics/golden/golden.ts";
import { type EngineCase, engineCase } from "./golden-cases.ts";
import { noSoftwareDriver, softwareGpu } from "./open.ts";
import { runProduct } from "./run-product.ts";

const FILES = [
  ...["01-ideal-mvm", "02-input-quantization", "03-noise-management", "04-bound-management"],
  ...["05-output-adc", "08-ir-drop", "11-tiling", "12-input-range"],
];
const byFile = FILES.map((file) => ({
  file,
  cases: readCases(`${file}.json`)
    .map(engineCase)
    .filter((c) => c !== null),
}));

/**
 * What the rounding of weights to 16 bits may do to an output: half a code for each input; nothing
 * in float32, and nothing behind an ADC, since no case is that close to a tie.
 */
function roundingOf({ matrix, x }: EngineCase): number {
  if (matrix.periphery.outputLevels > 0) return 0;
  const ofRow = (row: number): number =>
    x.values.subarray(row * x.cols, (row + 1) * x.cols).reduce((sum, v) => sum + Math.abs(v), 0);
  const most = Math.max(...Array.from({ length: x.rows }, (_, row) => ofRow(row)));
  const largest = matrix.blocks[0]!.weights.reduce((m, w) => Math.max(m, Math.abs(w)), 0);
  return (most * largest) / 2 / 32767;
}

test("all that the engines can compute is there", () => {
  expect(byFile.map(({ cases }) => cases.length)).toEqual([4, 22, 3, 1, 9, 7, 1, 11]);
});

describe.skipIf(noSoftwareDriver !== null)(
  `golden numbers of AIHWKIT on the GPU (skipped: ${noSoftwareDriver})`,
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

    test.each(byFile)("$file", async ({ cases }) => {
      for (const one of cases) {
        const { matrix, x, outputs } = one;
        const rowIds = Uint32Array.from({ length: x.rows }, (_, row) => row);
        const y = await runProduct(recorder, matrix, x.values, rowIds);
        const isFloat = arithmeticOf(gpu, matrix) === "f32";
        // Sums of 512 float32 of one sign depend on their order; with IR drop to the third power.
        const relative = matrix.periphery.irDrop > 0 ? 1e-5 : 2e-6;
        const absolute = 1e-6 + (isFloat ? 0 : roundingOf(one));
        expectClose(y, outputs, { relative, absolute }, one.name);
      }
    });
  },
);

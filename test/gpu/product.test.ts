import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arithmeticOf } from "../../src/gpu/analog-store.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import { densePlan } from "../../src/gpu/plan.ts";
import { createBuffer, createRecorder, type Recorder, upload } from "../../src/gpu/recorder.ts";
import { createStage } from "../../src/gpu/stage.ts";
import { tilesOf } from "../../src/gpu/tiles.ts";
import { splitIntoBlocks } from "../../src/mapping/split.ts";
import type { AnalogMatrix, Periphery } from "../../src/numerics/engine.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import { randomVector, uniforms } from "../transformer/random-model.ts";
import { noSoftwareDriver, softwareGpu } from "./open.ts";

const ROWS = 21;
const SHAPE = { inputs: 70, outputs: 45 };
const QUIET: Periphery = {
  ...{ inputLevels: 127, outputLevels: 127, outputBound: 12, outputNoise: 0, readNoise: 0 },
  ...{ irDrop: 0, irDropConductanceRatio: 500 },
};
const CASES: Readonly<Record<string, Partial<Periphery>>> = {
  "no noise": {},
  "output noise": { outputNoise: 0.04 },
  "read noise": { outputNoise: 0.04, readNoise: 0.0175 },
  "IR drop": { irDrop: 1 },
  "IR drop and read noise": { irDrop: 1, readNoise: 0.0175 },
  "no ADC": { outputBound: 0 },
};

function matrixOf(periphery: Periphery, inputRange: number): AnalogMatrix {
  const next = uniforms(11);
  const blocks = splitIntoBlocks(
    { rows: SHAPE.inputs, cols: SHAPE.outputs },
    { rows: 40, cols: 33 },
  ).map((block) => {
    const cols = block.colEnd - block.colBegin;
    const weights = randomVector(cols * (block.rowEnd - block.rowBegin), next);
    return { ...block, weights, scale: new Float32Array(cols).fill(0.3), inputRange };
  });
  return { ...SHAPE, blocks, periphery, seed: 2 ** 40 + 5, matrix: 9 };
}

/** A wrong ADC code would be off by 12 / 127 * 0.7 * 0.3 = 0.02 at the least. */
const worstOf = (got: Float32Array, expected: Float32Array): number =>
  expected.reduce((most, v, i) => Math.max(most, Math.abs(v - got[i]!)), 0);

describe.skipIf(noSoftwareDriver !== null)(
  `analog products equal the WASM engine's (skipped: ${noSoftwareDriver})`,
  () => {
    let gpu: GpuContext;
    let recorder: Recorder;
    let plain: Recorder;
    beforeAll(async () => {
      gpu = await softwareGpu();
      recorder = createRecorder(gpu);
      plain = createRecorder({ ...gpu, hasPackedDots: false });
    });
    afterAll(() => {
      plain.release();
      recorder.release();
      gpu.close();
    });

    const both = async (
      matrix: AnalogMatrix,
      own: Recorder = recorder,
    ): Promise<readonly [Float32Array, Float32Array]> => {
      const x = randomVector(ROWS * SHAPE.inputs, uniforms(4));
      const rowIds = Uint32Array.from({ length: ROWS }, (_, i) => 7 * i + 2 ** 31);
      const expected = new Float32Array(ROWS * SHAPE.outputs);
      createEngine("wasm").analog(matrix).apply(x, ROWS, rowIds, expected);
      const tiles = tilesOf(16, 16);
      const stage = createStage(own, tiles, matrix, [{ kind: "analog", matrix }]);
      const y = createBuffer(gpu, expected.byteLength);
      stage.run({ x: upload(gpu, x), y, plan: densePlan(gpu, rowIds, [0], tiles.rows) });
      return [new Float32Array(await own.read(y, expected.byteLength)), expected];
    };

    test.each(Object.entries(CASES))("%s", async (_name, own) => {
      for (const range of [0, 0.7]) {
        const [got, expected] = await both(matrixOf({ ...QUIET, ...own }, range));
        expect(worstOf(got, expected)).toBeLessThan(1e-5);
      }
    });

    test("numbers in place of the shaders' fields change nothing", async () => {
      const hardware = createRecorder({ ...gpu, isSoftware: false });
      for (const own of [{ outputNoise: 0.04 }, { irDrop: 1, readNoise: 0.0175 }]) {
        const [got, expected] = await both(matrixOf({ ...QUIET, ...own }, 0.7), hardware);
        expect(worstOf(got, expected)).toBeLessThan(1e-5);
      }
      hardware.release();
    });

    test.each(Object.entries(CASES))("%s, without packed dot products", async (_name, own) => {
      for (const range of [0, 0.7]) {
        const matrix = matrixOf({ ...QUIET, ...own }, range);
        expect(arithmeticOf({ ...gpu, hasPackedDots: false }, matrix)).toBe("i32");
        const [got, expected] = await both(matrix, plain);
        expect(worstOf(got, expected)).toBeLessThan(1e-5);
      }
    });

    // 511 levels are the most that 512 rows allow; 70 inputs in parts of 40 allow more.
    test.each(Object.entries(CASES))("%s, 12-bit inputs", async (_name, own) => {
      const readNoise = 0;
      const matrix = matrixOf({ ...QUIET, inputLevels: 2047, ...own, readNoise }, 0);
      expect(arithmeticOf(gpu, matrix)).toBe("i32");
      const [got, expected] = await both(matrix, plain);
      expect(worstOf(got, expected)).toBeLessThan(1e-5);
    });

    test.each(Object.entries(CASES))("%s, inputs without rounding", async (_name, own) => {
      for (const range of [0, 0.7]) {
        const matrix = matrixOf({ ...QUIET, ...own, inputLevels: 0 }, range);
        expect(arithmeticOf(gpu, matrix)).toBe("f32");
        const [got, expected] = await both(matrix);
        expect(worstOf(got, expected)).toBeLessThan(1e-5);
      }
    });
  },
);

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { calibrateRanges } from "../../src/accuracy/calibrate-ranges.ts";
import { createEvaluator } from "../../src/accuracy/evaluator.ts";
import { predictionsIn } from "../../src/accuracy/predictions.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import { allDigital, createGpuEvaluator, programHere } from "../../src/gpu/evaluate.ts";
import { createRecorder, type Recorder } from "../../src/gpu/recorder.ts";
import { tilesOf } from "../../src/gpu/tiles.ts";
import type { AnalogTile } from "../../src/model/arch.ts";
import { ALWAYS_DIGITAL, weightMatrices } from "../../src/model/matrix.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import { plainDecoder, randomWeights, randomWindows, SMALL } from "../transformer/random-model.ts";
import { noSoftwareDriver, softwareGpu } from "./open.ts";

const weights = randomWeights(SMALL, 3);
const windows = randomWindows(SMALL, [30, 17, 1], 5);
const arch: { readonly tiles: readonly AnalogTile[] } = JSON.parse(
  readFileSync("arch/hetero-pcm.json", "utf8"),
);
const first = arch.tiles[0]!;
const tile: AnalogTile = {
  ...first,
  crossbar: { ...first.crossbar, rows: 8, cols: 8 },
};
const ranges = calibrateRanges(plainDecoder(SMALL, weights), [tile], windows);
const plan = {
  workload: SMALL,
  tiles: [tile],
  ranges,
  windows,
  pairs: windows.slice(0, 2).map((window, i) => ({
    ...window,
    ...{ item: 0, isRight: i === 0, firstCounted: 1, divisor: 1 },
  })),
  noise_scale: 1,
  age_s: 0,
};
const kinds = (isAnalog: (m: ReturnType<typeof weightMatrices>[number]) => boolean) =>
  Int32Array.from(weightMatrices(SMALL), (m) => (isAnalog(m) ? 0 : -1));

describe.skipIf(noSoftwareDriver !== null)(
  `whole decoders on the GPU (skipped: ${noSoftwareDriver})`,
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

    test("digital and analog placements under several seeds score as on the CPU", async () => {
      const engine = createEngine("wasm");
      const reference = new Float32Array(predictionsIn(windows) * SMALL.vocabulary_tokens);
      const cpu = createEvaluator({ ...plan, weights, reference }, engine);
      const digital = cpu.scoreReference(0, windows.length);
      const tasks = [
        { tileKinds: kinds((m) => m.module === "expert" && m.expert % 2 === 0), seed: 2 },
        { tileKinds: kinds((m) => !ALWAYS_DIGITAL.includes(m.module)), seed: 4 },
      ];
      const source = {
        matrix: async (m: { readonly id: number }) => weights.matrices[m.id]!,
        norms: async (layer: number) => weights.norms[layer]!,
        finalNorm: async () => weights.finalNorm,
      };
      const evaluator = createGpuEvaluator(recorder, plan, source, programHere(plan, engine), {
        ...{ memory_B: 1e8, chunkRows: 100, tiles: tilesOf(16, 16) },
      });
      const got = await evaluator.scoreTexts([allDigital(SMALL), ...tasks]);
      [digital, ...tasks.map(cpu.scoreText)].forEach((expected, i) => {
        const { predictions, correct, nll_sum_nats, kl_sum_nats } = got[i]!;
        expect({ predictions, correct }).toEqual({
          predictions: expected.predictions,
          correct: expected.correct,
        });
        expect(nll_sum_nats / predictions).toBeCloseTo(expected.nll_sum_nats / predictions, 5);
        expect(kl_sum_nats! / predictions).toBeCloseTo(expected.kl_sum_nats! / predictions, 5);
      });
    });
  },
);

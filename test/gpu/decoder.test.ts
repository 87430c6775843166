import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEvaluator } from "../../src/accuracy/evaluator.ts";
import { predictionsIn } from "../../src/accuracy/predictions.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import { allDigital, createGpuEvaluator, programHere } from "../../src/gpu/evaluate.ts";
import { createRecorder, type Recorder } from "../../src/gpu/recorder.ts";
import { tilesOf } from "../../src/gpu/tiles.ts";
import { ALWAYS_DIGITAL } from "../../src/model/matrix.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import { SMALL } from "../transformer/random-model.ts";
import { noSoftwareDriver, softwareGpu } from "./open.ts";
import { kinds, plan, source, weights } from "./small.ts";

const { windows } = plan;

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
      expect(await evaluator.scorePairs(tasks)).toEqual(tasks.map(cpu.scorePairs));
    });
  },
);

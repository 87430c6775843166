/** The surrogate against the thing itself: programming noise on a trained model. */
import { describe, expect, test } from "vitest";
import { columnPlans, predictRises } from "../../src/accuracy/predict-model.ts";
import { scoreWindows } from "../../src/accuracy/score-text.ts";
import { WINDOW_TOKENS, windowsOf } from "../../src/accuracy/text.ts";
import { createTokenizer } from "../../src/checkpoint/tokenizer.ts";
import { readArch } from "../../src/cli/inputs.ts";
import type { AnalogTile } from "../../src/model/arch.ts";
import type { DeviceNoise } from "../../src/model/device-noise.ts";
import { type WeightMatrix, weightMatrices } from "../../src/model/matrix.ts";
import { createWasmEngine } from "../../src/numerics/engines/wasm.ts";
import { programMatrix } from "../../src/numerics/program.ts";
import { fisherInformation } from "../../src/scoring/fisher.ts";
import { assembleDecoder } from "../../src/transformer/assemble.ts";
import { chapters } from "../accuracy/moby-dick.ts";
import { json, tinyWeights, tinyWorkload } from "../transformer/tiny-models.ts";

const CALIBRATION_WINDOWS = 6;
const EVALUATION_WINDOWS = 4;
const SEEDS = [1, 2];
/** Noisy are the down projections of the experts and the LM head; others would take longer. */
const isNoisy = ({ module, part }: WeightMatrix): boolean =>
  module === "lm-head" || (module === "expert" && part === "down");

const source = { source: "test", evidence: "assumed" } as const;
const CASES = {
  "gaussian, one scale a matrix": [{ kind: "gaussian", sigma_frac: 0.05, ...source }, "tile"],
  "phase-change devices": [{ kind: "pcm", programming_scale: 2.5, ...source }, "column"],
} as const satisfies Record<string, readonly [DeviceNoise, "tile" | "column"]>;

describe("predicted and measured rise of the loss of tiny-olmoe", () => {
  const workload = tinyWorkload("tiny-olmoe");
  const weights = tinyWeights("tiny-olmoe");
  const matrices = weightMatrices(workload);
  const file = "workloads/tiny-olmoe/tokenizer.json";
  const { encode } = createTokenizer(file, json(file), {});
  const windowsFrom = (chapter: number, count: number) =>
    windowsOf(
      "moby-dick",
      encode(chapters(chapter, chapter + 3)),
      WINDOW_TOKENS,
      workload.vocabulary_tokens,
    ).slice(0, count);
  const { digital, attend, fillNormals } = createWasmEngine();
  const exact = (m: WeightMatrix, w: Float32Array) => digital(w, m.outputs, m.inputs);
  const decoder = assembleDecoder(workload, weights, exact, attend);
  const model = { decoder, weights: weights.matrices, digital };
  const calibration = windowsFrom(61, CALIBRATION_WINDOWS);
  const dynamic = matrices.map(() => null);
  const tiles = Object.values(CASES).map(([devices, weight_scaling]): AnalogTile => {
    const base = readArch("hetero-pcm").tiles[0]!;
    return {
      ...base,
      crossbar: { ...base.crossbar, rows: 8192, cols: 8192 },
      numerics: { ...base.numerics, devices, weight_scaling, weight_omega: 1 },
    };
  });
  const known = { matrices, weights: weights.matrices };
  const { matrices: curvature, columns } = fisherInformation(model, calibration, {
    seed: 1,
    plans: tiles.map((tile) => columnPlans(known, tile, dynamic)),
  });
  const windows = windowsFrom(6, EVALUATION_WINDOWS);
  const nll = (of: typeof decoder): number => {
    const { nll_sum_nats, predictions } = scoreWindows(of, windows, { seed: 0 });
    return nll_sum_nats / predictions;
  };
  const clean = nll(decoder);

  /** The matrix as its devices hold it, scaled back. */
  const programmed = (
    matrix: WeightMatrix,
    values: Float32Array,
    { numerics }: AnalogTile,
    seed: number,
  ): Float32Array => {
    const { inputs, outputs } = matrix;
    const { blocks } = programMatrix({
      weights: values,
      matrix,
      blocks: [{ rowBegin: 0, rowEnd: inputs, colBegin: 0, colEnd: outputs }],
      numerics,
      inputBits: 0,
      outputBits: 0,
      inputRanges: null,
      seed,
      noise_scale: 1,
      age_s: 0,
      fillNormals,
    });
    const { weights: held, scale } = blocks[0]!;
    return held.map((w, i) => w * scale[Math.floor(i / inputs)]!);
  };

  test.each(Object.keys(CASES).map((name, t) => [name, t] as const))(
    "%s",
    (_name, t) => {
      const tile = tiles[t]!;
      const curved = { ...known, curvature, columns: columns[t]! };
      const predicted = predictRises(curved, tile, dynamic, 1).reduce(
        (sum, rise, id) => sum + (isNoisy(matrices[id]!) ? rise!.weights_nats : 0),
        0,
      );
      const rises = SEEDS.map((seed) => {
        const noisy = assembleDecoder(
          workload,
          weights,
          (m, w) => exact(m, isNoisy(m) ? programmed(m, w, tile, seed) : w),
          attend,
        );
        return nll(noisy) - clean;
      });
      const measured = rises.reduce((a, b) => a + b, 0) / SEEDS.length;
      // Two seeds and two short texts leave some 10 %; a missing factor of two, or one device of
      // a pair left out, is far outside. The study measures it with many seeds.
      expect(predicted / measured).toBeGreaterThan(0.75);
      expect(predicted / measured).toBeLessThan(1.33);
    },
    120_000,
  );
});

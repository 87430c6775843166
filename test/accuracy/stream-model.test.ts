import { describe, expect, test } from "vitest";
import { calibrateRanges } from "../../src/accuracy/calibrate-ranges.ts";
import { createEvaluator, referenceLength } from "../../src/accuracy/evaluator.ts";
import { createStreamEvaluator, streamRanges } from "../../src/accuracy/stream-evaluator.ts";
import type { AnalogTile } from "../../src/model/arch.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import { assembleDecoder } from "../../src/transformer/assemble.ts";
import { json, tinyWeights, tinyWorkload } from "../transformer/tiny-models.ts";

const workload = tinyWorkload("tiny-olmoe");
const weights = tinyWeights("tiny-olmoe");
const { tiles } = json("arch/hetero-pcm.json") as { tiles: readonly AnalogTile[] };
const window = (first: number, tokens: number) => ({
  tokens: Int32Array.from({ length: tokens }, (_, i) => (first + 37 * i) % 4096),
  firstRow: first,
});
const windows = [window(0, 48), window(48, 48), window(96, 30)];
/** More rows than go through a layer together. */
const pairs = Array.from({ length: 130 }, (_, i) => ({
  ...window(9 * i, 9 - (i % 2)),
  ...{ item: i >> 1, isRight: i % 2 === 0, firstCounted: 1 + (i % 3), divisor: 1 + (i % 4) },
}));
const source = {
  matrix: async ({ id }: { id: number }) => weights.matrices[id]!,
  norms: async (layer: number) => weights.norms[layer]!,
  finalNorm: async () => weights.finalNorm,
};
const matrices = weightMatrices(workload);
/** Experts with an even number and attention are analog. */
const tileKinds = Int32Array.from(matrices, ({ module, expert }) =>
  module === "attention" || (module === "expert" && expert % 2 === 0) ? 0 : -1,
);

describe("a model that is read layer by layer", () => {
  const engine = createEngine("wasm");
  const decoder = assembleDecoder(
    workload,
    weights,
    (m, w) => engine.digital(w, m.outputs, m.inputs),
    engine.attend,
  );

  test("has the ranges and the scores of the whole model, bit for bit", async () => {
    const ranges = calibrateRanges(decoder, tiles, windows);
    const other = createEngine("wasm");
    expect(await streamRanges({ workload, tiles }, source, other, windows)).toEqual(ranges);
    const planned = { workload, tiles, ranges, windows, pairs, noise_scale: 1.5, age_s: 3600 };
    const reference = () => new Float32Array(referenceLength(workload, windows));
    const whole = { ...planned, weights, reference: reference() };
    const parts = { ...planned, reference: reference() };
    const evaluator = createEvaluator(whole, engine);
    const streamed = createStreamEvaluator(parts, source, other);
    const task = { tileKinds, seed: 5 };
    expect(await streamed.scoreReference()).toEqual(evaluator.scoreReference(0, windows.length));
    expect(parts.reference).toEqual(whole.reference);
    expect(await streamed.scoreText(task)).toEqual(evaluator.scoreText(task));
    expect(await streamed.scorePairs(task)).toEqual(evaluator.scorePairs(task));
  }, 60_000);

  test("lets go of a layer before the next one", async () => {
    const counting = createEngine("wasm");
    let held = 0;
    let most = 0;
    const watched = {
      ...counting,
      digital: (w: Float32Array, outputs: number, inputs: number) => {
        const projection = counting.digital(w, outputs, inputs);
        held += w.length;
        most = Math.max(most, held);
        const dispose = () => {
          held -= w.length;
          projection.dispose();
        };
        return { ...projection, dispose };
      },
    };
    const plan = {
      ...{ workload, tiles: [], ranges: [], windows, pairs: [], noise_scale: 1, age_s: 0 },
      reference: new Float32Array(referenceLength(workload, windows)),
    };
    await createStreamEvaluator(plan, source, watched).scoreReference();
    const layerWeights = matrices
      .filter(({ layer }) => layer === 0)
      .reduce((sum, m) => sum + m.inputs * m.outputs, 0);
    expect(held).toBe(0);
    const headWeights = 256 * 4096;
    expect(most).toBe(Math.max(layerWeights, headWeights));
  }, 60_000);
});

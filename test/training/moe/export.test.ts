import { expect, test } from "vitest";
import { createEvaluator, type MatrixRanges } from "../../../src/accuracy/evaluator.ts";
import { storedNote, withStored } from "../../../src/accuracy/stored-ranges.ts";
import { openCheckpoint } from "../../../src/checkpoint/checkpoint.ts";
import { encodeSafetensors } from "../../../src/checkpoint/write-safetensors.ts";
import type { AnalogTile } from "../../../src/model/arch.ts";
import { weightMatrices } from "../../../src/model/matrix.ts";
import type { HardwareRecipe } from "../../../src/model/training-recipe.ts";
import { checkpointTensors } from "../../../src/training/moe/export.ts";
import { trainMoe } from "../../../src/training/moe/train.ts";
import { trainedModel } from "../../../src/training/moe/trained-model.ts";
import type { ModelWeights } from "../../../src/transformer/assemble.ts";
import { memoryFiles } from "../../checkpoint/memory-files.ts";
import { randomWindows, SMALL } from "../../transformer/random-model.ts";
import { batches, engine, modelWith, tileWith, weights } from "./small-model.ts";

const pcm = { kind: "pcm", source: "test", evidence: "assumed" } as const;
const noise = { std: 0.04, source: "test", evidence: "assumed" } as const;
const tile = tileWith({ devices: pcm, output_noise: noise, output_bound: 10 }, 8);
const model = modelWith(tile, 5);
const recipe: HardwareRecipe = {
  steps: 3,
  batch_items: 4,
  learning_rate: 0.02,
  optimiser: { kind: "adamw" },
  weight_noise: { kind: "programming", scale: 3 },
  distillation: { weight_frac: 1, temperature_factor: 1 },
};
const events = trainMoe({ model, weights, recipe, batchAt: batches(4, 1), seed: 1, engine });
const state = [...events].at(-1)!.state();
const trained = trainedModel(model, weights, state, recipe);
const bytes = encodeSafetensors(checkpointTensors(model, trained.weights, trained.ranges));

const files = memoryFiles({ "model.safetensors": bytes });
const matrices = weightMatrices(SMALL);

async function readBack() {
  const checkpoint = await openCheckpoint(files, SMALL, "memory");
  const read: Float32Array[] = [];
  for (const matrix of matrices) read.push(await checkpoint.matrix(matrix));
  const norms = [];
  for (let layer = 0; layer < SMALL.layers; layer++)
    norms.push({
      input: await checkpoint.vector("input-norm", layer),
      postAttention: await checkpoint.vector("post-attention-norm", layer),
      q: await checkpoint.vector("q-norm", layer),
      k: await checkpoint.vector("k-norm", layer),
    });
  const finalNorm = await checkpoint.vector("final-norm", -1);
  const stored = [];
  for (const matrix of matrices) stored.push(await checkpoint.inputRanges(matrix));
  return { weights: { matrices: read, norms, finalNorm }, stored };
}

/** NLL on crossbars with one noise seed. */
function nll(own: ModelWeights, ranges: MatrixRanges): number {
  const windows = randomWindows(SMALL, [20, 20], 4);
  const plan = { workload: SMALL, weights: own, tiles: [tile], ranges, windows, pairs: [] };
  const evaluator = createEvaluator(
    { ...plan, reference: new Float32Array(0), noise_scale: 1, age_s: 3600 },
    engine,
  );
  return evaluator.scoreText({ tileKinds: model.tileKinds, seed: 1 }).nll_sum_nats;
}

test("what is written and read back scores the same bits", async () => {
  const read = await readBack();
  expect(read.weights).toEqual(trained.weights);
  const nothing: MatrixRanges = [matrices.map(() => null)];
  const ranges = withStored(nothing, read.stored, [tile], matrices);
  expect(ranges).toEqual(trained.ranges);
  expect(nll(read.weights, ranges)).toBe(nll(trained.weights, trained.ranges));
  expect(nll(weights, model.ranges)).not.toBe(nll(trained.weights, trained.ranges));
});

test("only analog matrices bring ranges, and a report says how many", async () => {
  const { stored } = await readBack();
  const analog = model.tileKinds.filter((kind) => kind >= 0).length;
  expect(stored.filter((ranges) => ranges !== null)).toHaveLength(analog);
  expect(storedNote(stored)).toMatch(`of ${analog} matrices`);
  expect(storedNote(stored.map(() => null))).toBeNull();
});

test("ranges of other row ranges are not taken", async () => {
  const { stored } = await readBack();
  const narrow: AnalogTile = { ...tile, crossbar: { ...tile.crossbar, rows: 10 } };
  const own: MatrixRanges = [matrices.map(() => new Float64Array([1, 1]))];
  const ranges = withStored(own, stored, [narrow], matrices);
  const gate = matrices.find(({ module, part }) => module === "expert" && part === "gate")!;
  expect(ranges[0]![gate.id]).toEqual(new Float64Array([1, 1]));
});

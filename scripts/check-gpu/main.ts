/** What only hardware can show: `npm run check:gpu`. Prints lines; exits with 1 if a check fails. */

import { readFileSync } from "node:fs";
import type { Checkpoint } from "../../src/checkpoint/checkpoint.ts";
import { readArch, readJsonFile } from "../../src/cli/inputs.ts";
import { loadModelWeights, openFolder, readNorms } from "../../src/cli/model-weights.ts";
import { type PlacementBasis, place, readPlacement } from "../../src/cli/placements.ts";
import { mobyDickText, openTokenizer } from "../../src/cli/texts.ts";
import { openWebGpu } from "../../src/cli/web-gpu.ts";
import { GpuError } from "../../src/gpu/context.ts";
import { createRecorder } from "../../src/gpu/recorder.ts";
import { tilesOf } from "../../src/gpu/tiles.ts";
import { tuneTiles } from "../../src/gpu/tune.ts";
import { importWorkload } from "../../src/input/importers/index.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import type { Workload } from "../../src/model/workload.ts";
import { maxNeuronNormScores } from "../../src/scoring/weight-scores.ts";
import type { TokenWindow } from "../../src/transformer/batch.ts";
import { checkOlmoe, checkTiny } from "./models.ts";
import { compareProduct, measurePipeline, profilePipeline, randomMatrix } from "./pipeline.ts";
import { writeSynthetic } from "./synthetic.ts";

// No card is no bug of the program: one line, as of a wrong input.
process.on("uncaughtException", (error) => {
  console.error(error instanceof GpuError ? `no GPU to check: ${error.message}` : error);
  process.exit(error instanceof GpuError ? 2 : 70);
});

const parts = process.argv.slice(2);
const wants = (part: string): boolean => parts.length === 0 || parts.includes(part);
const say = (line: string): void => console.log(line);

async function products(isFast: boolean): Promise<void> {
  const gpu = await openWebGpu(isFast);
  const recorder = createRecorder(gpu);
  say(
    `adapter: ${gpu.name}; ${[...gpu.features].join(", ")}; matrix shapes ${JSON.stringify(gpu.matrixShapes)}`,
  );
  for (const [rows, columns] of [
    [128, 64],
    [64, 64],
    [32, 32],
  ] as const)
    for (const shapes of gpu.matrixShapes.length > 0 ? [[], gpu.matrixShapes] : [[]])
      for (const readNoise of [0, 0.0175]) {
        const tiles = tilesOf(rows, columns, shapes);
        const result = await compareProduct(
          recorder,
          tiles,
          randomMatrix(3, 1100, 700, readNoise),
          300,
        ).catch(String);
        say(
          `product ${rows}x${columns} ${tiles.matrix ? "matrix" : "dot"} read noise ${readNoise}: ${JSON.stringify(result)}`,
        );
      }
  recorder.release();
  gpu.close();
}

async function pipeline(isFast: boolean): Promise<void> {
  const gpu = await openWebGpu(isFast);
  say(isFast ? "fast flags" : "default flags");
  await measurePipeline(gpu, say);
  gpu.close();
}

/** Scores of every expert from its weights, and a placement by them. */
async function placeByNorm(workload: Workload, checkpoint: Checkpoint): Promise<void> {
  const began = performance.now();
  const matrices = weightMatrices(workload);
  const scores = await maxNeuronNormScores(checkpoint, matrices, { downAxis: "column" });
  const request = readPlacement("max-neuron-norm:0.25", workload);
  const basis: PlacementBasis = {
    ...{ matrices, scores: { "max-neuron-norm": scores }, ranking: "layer", seed: 1 },
  };
  const { targets } = place(request, basis, say);
  const digital = matrices.filter((m, i) => m.module === "expert" && targets[i] === "digital");
  const took = (performance.now() - began) / 1e3;
  say(
    `olmoe: max-neuron-norm scores and placement in ${took.toFixed(1)} s in one thread: ${digital.length / 3} digital experts`,
  );
}

if (wants("products")) {
  await products(false);
  await products(true);
}
if (wants("pipeline")) {
  await pipeline(false);
  await pipeline(true);
}
if (wants("tune")) {
  for (const isFast of [false, true]) {
    const gpu = await openWebGpu(isFast);
    const recorder = createRecorder(gpu);
    const began = performance.now();
    const { many, few } = await tuneTiles(recorder, (choice, load, speed) => {
      say(`tune ${load} ${JSON.stringify(choice)}: ${speed.toFixed(0)} GMAC/s`);
    });
    const took = ((performance.now() - began) / 1e3).toFixed(1);
    say(`tune: ${took} s; many rows ${JSON.stringify(many)}; few ${JSON.stringify(few)}`);
    recorder.release();
    gpu.close();
  }
}
if (wants("profile")) {
  const gpu = await openWebGpu();
  await profilePipeline(gpu, say);
  gpu.close();
}
if (wants("tiny")) {
  const gpu = await openWebGpu(process.env["OHMOE_GPU_FLAGS"] !== "default");
  const folder = "workloads/tiny-olmoe";
  const config = `${folder}/config.json`;
  const workload = importWorkload(readJsonFile(config), config, "tiny-olmoe");
  const weights = await loadModelWeights(await openFolder(folder, workload), workload);
  const limits = {
    context_tokens: 256,
    text_tokens: Number(process.env["OHMOE_TOKENS"] ?? 131072),
  };
  const text = mobyDickText("evaluation", openTokenizer(folder), workload, limits);
  const { tiles } = readArch("arch/hetero-pcm.json");
  await checkTiny(
    gpu,
    say,
    workload,
    weights,
    tiles,
    text.windows,
    Number(process.env["OHMOE_SEEDS"] ?? 8),
  );
  gpu.close();
}
if (wants("olmoe")) {
  const gpu = await openWebGpu(process.env["OHMOE_GPU_FLAGS"] !== "default");
  const config = readFileSync("test/workloads/configs/olmoe-1b-7b.json", "utf8");
  const folder = process.env["OHMOE_SYNTHETIC"] ?? "synthetic-olmoe";
  const workload = importWorkload(JSON.parse(config), "config.json", "olmoe-1b-7b");
  const began = performance.now();
  writeSynthetic(folder, workload, config);
  say(`olmoe: checkpoint written in ${((performance.now() - began) / 1e3).toFixed(1)} s`);
  const checkpoint = await openFolder(folder, workload);
  const { tiles } = readArch("arch/hetero-pcm.json");
  const quiet = process.env["OHMOE_READ_NOISE"] === "0";
  const off = { std: 0, source: "switched off", evidence: "assumed" } as const;
  const readNoise = quiet ? { read_noise: off } : {};
  const dynamic = tiles.map((t) => ({
    ...t,
    numerics: { ...t.numerics, input_range: { kind: "dynamic" } as const, ...readNoise },
  }));
  const count = Number(process.env["OHMOE_TOKENS"] ?? 262144) / 256;
  const windows = Array.from(
    { length: count },
    (_, w): TokenWindow => ({
      tokens: Int32Array.from(
        { length: 256 },
        (_, i) => (Math.imul(w * 256 + i + 1, 0x9e3779b1) >>> 8) % workload.vocabulary_tokens,
      ),
      firstRow: 256 * w,
    }),
  );
  await checkOlmoe(
    gpu,
    say,
    workload,
    folder,
    {
      norms: (l) => readNorms(checkpoint, workload, l),
      finalNorm: () => checkpoint.vector("final-norm", -1),
      embedding: () => checkpoint.matrix(weightMatrices(workload)[0]!),
    },
    dynamic,
    windows,
    `${folder}/trace.jsonl`,
  );
  say(`olmoe: read noise ${quiet ? "off" : "on"}`);
  await placeByNorm(workload, checkpoint);
  gpu.close();
}
process.exit(0);

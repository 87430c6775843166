/** Speed of whole models: the tiny one with many seeds, and one of OLMoE-1B-7B's shape. */
import { createWriteStream } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { calibrateRanges } from "../../src/accuracy/calibrate-ranges.ts";
import { createEvaluator } from "../../src/accuracy/evaluator.ts";
import { predictionsIn } from "../../src/accuracy/predictions.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import {
  allDigital,
  createGpuEvaluator,
  type GpuPlan,
  passModel,
  programHere,
  tilesFor,
} from "../../src/gpu/evaluate.ts";
import { type PassModel, runPass } from "../../src/gpu/pass.ts";
import { createRecorder } from "../../src/gpu/recorder.ts";
import { chunkRows, sumsOf } from "../../src/gpu/room.ts";
import type { Member } from "../../src/gpu/stage.ts";
import type { AnalogTile } from "../../src/model/arch.ts";
import { type WeightMatrix, weightMatrices } from "../../src/model/matrix.ts";
import type { Workload } from "../../src/model/workload.ts";
import type { AnalogMatrix } from "../../src/numerics/engine.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import { assembleDecoder, type ModelWeights } from "../../src/transformer/assemble.ts";
import type { TokenWindow } from "../../src/transformer/batch.ts";
import type { LayerNorms } from "../../src/transformer/decoder.ts";

/** Beside this file, as it is written or as it was bundled. */
const WORKER = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.mjs";

type Say = (line: string) => void;
const seconds = (since: number): number => (performance.now() - since) / 1e3;

export const expertsAnalog = (workload: Workload): Int32Array =>
  Int32Array.from(weightMatrices(workload), (m) => (m.module === "expert" ? 0 : -1));

const sourceOf = (weights: ModelWeights) => ({
  matrix: async (m: WeightMatrix) => weights.matrices[m.id]!,
  norms: async (l: number) => weights.norms[l]!,
  finalNorm: async () => weights.finalNorm,
});

/** Held-out text under several seeds: agreement with the CPU on a part, and tokens a second. */
export async function checkTiny(
  gpu: GpuContext,
  say: Say,
  workload: Workload,
  weights: ModelWeights,
  tiles: readonly AnalogTile[],
  windows: readonly TokenWindow[],
  seeds: number,
): Promise<void> {
  const recorder = createRecorder(gpu);
  const engine = createEngine("wasm");
  const decoder = assembleDecoder(
    workload,
    weights,
    (m, v) => engine.digital(v, m.outputs, m.inputs),
    engine.attend,
  );
  const few = windows.slice(0, 8);
  const ranges = calibrateRanges(decoder, tiles, few);
  const plan = { workload, tiles, ranges, pairs: [], noise_scale: 1, age_s: 0 };
  const tileKinds = expertsAnalog(workload);
  const tasks = Array.from({ length: seeds }, (_, seed) => ({ tileKinds, seed: seed + 1 }));
  const evaluatorOf = (own: readonly TokenWindow[]) => {
    const full: GpuPlan = { ...plan, windows: own };
    return createGpuEvaluator(recorder, full, sourceOf(weights), programHere(full, engine), {
      memory_B: 4e10,
      chunkRows: 98304,
    });
  };
  const reference = new Float32Array(predictionsIn(few) * workload.vocabulary_tokens);
  const cpu = createEvaluator({ ...plan, weights, windows: few, reference }, engine);
  const digital = cpu.scoreReference(0, few.length);
  const onCpu = cpu.scoreText(tasks[0]!);
  const [zero, one] = await evaluatorOf(few).scoreTexts([allDigital(workload), tasks[0]!]);
  const nll = (s: { nll_sum_nats: number; predictions: number }): number =>
    s.nll_sum_nats / s.predictions;
  say(
    `tiny: digital NLL CPU ${nll(digital).toFixed(7)}, GPU ${nll(zero!).toFixed(7)}; analog CPU ${nll(onCpu).toFixed(7)}, GPU ${nll(one!).toFixed(7)}; KL CPU ${(onCpu.kl_sum_nats! / onCpu.predictions).toExponential(4)}, GPU ${(one!.kl_sum_nats! / one!.predictions).toExponential(4)}`,
  );
  const tokens = windows.reduce((sum, w) => sum + w.tokens.length, 0);
  for (let round = 0; round < 2; round++) {
    const began = performance.now();
    const scores = await evaluatorOf(windows).scoreTexts(tasks);
    const took = seconds(began);
    say(
      `tiny: ${windows.length} windows, ${tokens} tokens, ${seeds} seeds beside the digital model: ${took.toFixed(2)} s with programming, ${((tokens * seeds) / took).toFixed(0)} analog tokens/s (${((tokens * (seeds + 1)) / took).toFixed(0)} tokens/s in all); mean NLL ${(scores.reduce((a, s) => a + nll(s), 0) / seeds).toFixed(5)}`,
    );
  }
  const passTokens = tokens * seeds;
  const full: GpuPlan = { ...plan, windows };
  const programmed = new Map<string, AnalogMatrix>();
  const program = programHere(full, engine);
  const cached = async (...[m, task, w]: Parameters<typeof program>): Promise<AnalogMatrix> => {
    const key = `${m.id} ${task.seed}`;
    if (!programmed.has(key)) programmed.set(key, await program(m, task, w));
    return programmed.get(key)!;
  };
  const began0 = performance.now();
  for (const task of tasks)
    for (const m of weightMatrices(workload))
      if (m.module === "expert") await cached(m, task, weights.matrices[m.id]!);
  say(`tiny: programming ${seeds} seeds takes ${seconds(began0).toFixed(2)} s of it in one thread`);
  for (let round = 0; round < 3; round++) {
    const began = performance.now();
    await runPass(recorder, passModel(workload, sourceOf(weights), tasks, cached), windows, {
      variants: seeds,
      tiles: tilesFor(recorder, workload, windows, 98304, seeds),
      chunkRows: chunkRows(recorder, workload, 98304, sumsOf(tiles), seeds),
      hasReference: false,
    });
    const took = seconds(began);
    say(
      `tiny: the same pass with programmed weights, no reference: ${took.toFixed(2)} s, ${(passTokens / took).toFixed(0)} tokens/s`,
    );
  }
  recorder.release();
}

interface Reply {
  readonly id: number;
  readonly weights?: Float32Array;
  readonly matrix?: AnalogMatrix;
}

/** Threads that read and program; a layer ahead of what is asked for. */
function startPool(setup: unknown, matrices: readonly WeightMatrix[], file: string) {
  const threads = Math.max(1, Math.min(14, availableParallelism() - 2));
  const waiting = new Map<number, (reply: Reply) => void>();
  const asked = new Map<number, Promise<Reply>>();
  const queue: number[] = [];
  const idle: Worker[] = [];
  const workers = Array.from({ length: threads }, () => new Worker(file, { workerData: setup }));
  const feed = (): void => {
    while (idle.length > 0 && queue.length > 0) idle.pop()!.postMessage(queue.shift()!);
  };
  for (const worker of workers) {
    worker.on("error", (error) => {
      console.error(error);
      process.exit(1);
    });
    worker.on("message", (reply: Reply) => {
      waiting.get(reply.id)!(reply);
      idle.push(worker);
      feed();
    });
    idle.push(worker);
  }
  const ask = (id: number): Promise<Reply> => {
    const known = asked.get(id);
    if (known) return known;
    const promise = new Promise<Reply>((resolve) => waiting.set(id, resolve));
    asked.set(id, promise);
    queue.push(id);
    feed();
    return promise;
  };
  const inOrder = (layer: number): readonly WeightMatrix[] =>
    matrices
      .filter((m) => m.layer === layer && m.module !== "embedding")
      .toSorted((a, b) => order(a) - order(b));
  return {
    take: async (matrix: WeightMatrix): Promise<Reply> => {
      if (matrix.layer >= 0)
        for (const l of [matrix.layer, matrix.layer + 1]) for (const m of inOrder(l)) ask(m.id);
      const reply = await ask(matrix.id);
      asked.set(matrix.id, Promise.reject(new Error("taken twice")));
      asked.get(matrix.id)!.catch(() => {});
      return reply;
    },
    stop: () => Promise.all(workers.map((w) => w.terminate())),
  };
}

const PARTS = ["q", "k", "v", "o", "weight", "gate", "up", "down"];
const order = (m: WeightMatrix): number => PARTS.indexOf(m.part);

/** One pass of a model of OLMoE-1B-7B's shape with every expert analog. */
export async function checkOlmoe(
  gpu: GpuContext,
  say: Say,
  workload: Workload,
  folder: string,
  norms: {
    readonly norms: (l: number) => Promise<LayerNorms>;
    readonly finalNorm: () => Promise<Float32Array>;
    readonly embedding: () => Promise<Float32Array>;
  },
  tiles: readonly AnalogTile[],
  windows: readonly TokenWindow[],
  trace: string,
): Promise<void> {
  const recorder = createRecorder(gpu);
  const matrices = weightMatrices(workload);
  const tileKinds = expertsAnalog(workload);
  const plan: GpuPlan = {
    workload,
    tiles,
    ranges: tiles.map(() => matrices.map(() => null)),
    windows,
    pairs: [],
    noise_scale: 1,
    age_s: 0,
  };
  const file = fileURLToPath(new URL(WORKER, import.meta.url));
  const pool = startPool({ plan, folder, tileKinds, seed: 1 }, matrices, file);
  let waited = 0;
  let began = performance.now();
  const model: PassModel = {
    workload,
    ...norms,
    norms: (layer) => {
      say(`olmoe: layer ${layer} begins to load at ${seconds(began).toFixed(1)} s`);
      return norms.norms(layer);
    },
    membersOf: async (matrix) => {
      const began = performance.now();
      const reply = await pool.take(matrix);
      waited += seconds(began);
      const member: Member = reply.matrix
        ? { kind: "analog", matrix: reply.matrix }
        : { kind: "digital", id: matrix.id, weights: reply.weights! };
      return [member];
    },
  };
  const rows = chunkRows(recorder, workload, 16384, sumsOf(tiles), 1);
  const tokens = windows.reduce((sum, w) => sum + w.tokens.length, 0);
  const lines = createWriteStream(trace);
  let entries = 0;
  const k = workload.moe.active_experts;
  began = performance.now();
  let last = began;
  const [result] = await runPass(recorder, model, windows, {
    variants: 1,
    tiles: tilesFor(recorder, workload, windows, rows, 1),
    chunkRows: rows,
    hasReference: false,
    onRouting: (layer, rowIds, chosen) => {
      if (rowIds[0] === 0) {
        say(
          `olmoe: layer ${layer} begins to be done at ${seconds(began).toFixed(1)} s (+${seconds(last).toFixed(1)})`,
        );
        last = performance.now();
      }
      rowIds.forEach((token, row) => {
        if (token >= 4096) return;
        lines.write(
          `${JSON.stringify({ layer, token, experts: [...chosen.subarray(row * k, (row + 1) * k)] })}\n`,
        );
        entries++;
      });
    },
  });
  const took = seconds(began);
  const nll = result!.nll_nats.reduce((a, b) => a + b, 0) / result!.nll_nats.length;
  lines.end();
  say(
    `olmoe: ${windows.length} windows, ${tokens} tokens in one pass, chunks of ${rows}: ${took.toFixed(1)} s, ${(tokens / took).toFixed(0)} tokens/s with reading, programming and upload (waits for programmed weights, many at once, sum to ${waited.toFixed(1)} s); mean NLL ${nll.toFixed(3)} (ln vocabulary ${Math.log(workload.vocabulary_tokens).toFixed(3)}); ${entries} trace entries`,
  );
  await pool.stop();
  recorder.release();
}

/** What a browser tab runs: one product and a decoder on the GPU and on the WASM engine. */
import { createEvaluator } from "../../src/accuracy/evaluator.ts";
import { predictionsIn } from "../../src/accuracy/predictions.ts";
import { openGpu } from "../../src/gpu/context.ts";
import { createGpuEvaluator, type GpuPlan, programHere } from "../../src/gpu/evaluate.ts";
import { createRecorder } from "../../src/gpu/recorder.ts";
import { tilesOf } from "../../src/gpu/tiles.ts";
import type { AnalogTile } from "../../src/model/arch.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import { randomWeights, randomWindows, SMALL } from "../transformer/random-model.ts";

declare const navigator: { readonly gpu: GPU };

/** What the page found. */
export interface PageResult {
  readonly adapter: string;
  readonly cpu_nll_nats: number;
  readonly gpu_nll_nats: number;
  readonly predictions: number;
  /** Loss of the all-digital model: the analog one's is another. */
  readonly digital_nll_nats: number;
}

/** One layer with experts, all of them on crossbars of 8 x 8 devices. */
const BLOCK = { ...SMALL, layers: 1, dense_layers: [] };

async function compare(tile: AnalogTile): Promise<PageResult> {
  const weights = randomWeights(BLOCK, 3);
  const windows = randomWindows(BLOCK, [12], 5);
  const small = { ...tile, crossbar: { ...tile.crossbar, rows: 8, cols: 8 } };
  const matrices = weightMatrices(BLOCK);
  const plan: GpuPlan = {
    ...{ workload: BLOCK, tiles: [small], ranges: [matrices.map(() => null)] },
    ...{ windows, pairs: [], noise_scale: 1, age_s: 0 },
  };
  const tileKinds = Int32Array.from(matrices, ({ module }) => (module === "expert" ? 0 : -1));
  const task = { tileKinds, seed: 2 };
  const engine = createEngine("wasm");
  if (engine.fallbackReason !== null) throw new Error(engine.fallbackReason);
  const reference = new Float32Array(predictionsIn(windows) * BLOCK.vocabulary_tokens);
  const cpu = createEvaluator({ ...plan, weights, reference }, engine);
  const digital = cpu.scoreReference(0, windows.length);
  const onCpu = cpu.scoreText(task);
  const gpu = await openGpu(navigator.gpu);
  const recorder = createRecorder(gpu);
  const source = {
    matrix: async (m: { readonly id: number }) => weights.matrices[m.id]!,
    norms: async (layer: number) => weights.norms[layer]!,
    finalNorm: async () => weights.finalNorm,
  };
  const evaluator = createGpuEvaluator(recorder, plan, source, programHere(plan, engine), {
    ...{ memory_B: 1e8, chunkRows: 100, tiles: tilesOf(16, 16) },
  });
  const [onGpu] = await evaluator.scoreTexts([task]);
  recorder.release();
  gpu.close();
  return {
    adapter: gpu.name,
    predictions: onGpu!.predictions,
    gpu_nll_nats: onGpu!.nll_sum_nats,
    cpu_nll_nats: onCpu.nll_sum_nats,
    digital_nll_nats: digital.nll_sum_nats,
  };
}

Object.assign(globalThis, { compare });

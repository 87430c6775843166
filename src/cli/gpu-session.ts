/** Accuracy of placements on the GPU, where there is one; else the reason why not. */
import type { AccuracyTask } from "../accuracy/evaluator.ts";
import type { WeightSource } from "../accuracy/stream-model.ts";
import { GpuError } from "../gpu/context.ts";
import { allDigital, createGpuEvaluator, type GpuPlan, programHere } from "../gpu/evaluate.ts";
import { createRecorder } from "../gpu/recorder.ts";
import type { EngineName } from "../numerics/engine.ts";
import type { TileEngine } from "../numerics/tile.ts";
import type { AccuracySettings, PlacementScores } from "./accuracy-settings.ts";
import { openWebGpu } from "./web-gpu.ts";

/** What a session says of its engine. */
export interface EngineInUse {
  readonly kernel: EngineName;
  readonly fallbackReason: string | null;
}

/** Is there a GPU, if one is asked for? */
export async function gpuInUse(
  asked: EngineName,
  engine: { readonly name: EngineName; readonly fallbackReason: string | null },
): Promise<EngineInUse> {
  const own = { kernel: engine.name, fallbackReason: engine.fallbackReason };
  if (asked !== "webgpu") return own;
  try {
    (await openWebGpu()).close();
    return { kernel: "webgpu", fallbackReason: null };
  } catch (error) {
    if (!(error instanceof GpuError)) throw error;
    return { ...own, fallbackReason: `no GPU computes: ${error.message}` };
  }
}

/**
 * Scores of every placement, all seeds side by side.
 *
 * @returns null if the GPU could not: said in one line, and the next engine has to go on
 */
export async function evaluateOnGpu(
  plan: GpuPlan,
  source: WeightSource,
  engine: TileEngine,
  tileKinds: readonly Int32Array[],
  settings: AccuracySettings,
): Promise<readonly PlacementScores[] | null> {
  try {
    const gpu = await openWebGpu();
    const recorder = createRecorder(gpu);
    try {
      const evaluator = createGpuEvaluator(recorder, plan, source, programHere(plan, engine));
      const tasks = tileKinds.map((kinds) => tasksOf(plan, kinds, settings));
      const text = await evaluator.scoreTexts(tasks.flat());
      const pairs = plan.pairs.length > 0 ? await evaluator.scorePairs(tasks.flat()) : [];
      let next = 0;
      return tasks.map(({ length }) => {
        const own = {
          text: text.slice(next, next + length),
          pairs: pairs.slice(next, next + length),
        };
        next += length;
        return own;
      });
    } finally {
      recorder.release();
      gpu.close();
    }
  } catch (error) {
    if (!(error instanceof GpuError)) throw error;
    process.stderr.write(`ohmoe: the GPU stopped (${error.message}); the wasm engine goes on\n`);
    return null;
  }
}

/** One task for each seed; a single one where nothing is analog, since that has no noise. */
function tasksOf(
  { workload }: GpuPlan,
  tileKinds: Int32Array,
  { seed, seeds }: AccuracySettings,
): readonly AccuracyTask[] {
  if (tileKinds.every((kind) => kind < 0)) return [allDigital(workload)];
  return Array.from({ length: seeds }, (_, i) => ({ tileKinds, seed: seed + i }));
}

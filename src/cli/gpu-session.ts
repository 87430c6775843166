/** Accuracy of placements on the GPU, as far as one carries; what is left the next engine does. */
import type { PairScore } from "../accuracy/answers.ts";
import type { AccuracyTask } from "../accuracy/evaluator.ts";
import type { WeightSource } from "../accuracy/stream-model.ts";
import { type GpuContext, GpuError } from "../gpu/context.ts";
import {
  allDigital,
  createGpuEvaluator,
  GPU_DEFAULTS,
  type GpuOptions,
  type GpuPlan,
  runRouting,
} from "../gpu/evaluate.ts";
import { createRecorder, type Recorder } from "../gpu/recorder.ts";
import type { TextScore } from "../model/evaluation.ts";
import type { EngineName } from "../numerics/engine.ts";
import type { TileEngine } from "../numerics/tile.ts";
import { createRoutingRecord, type RoutingEntry } from "../scoring/routing-trace.ts";
import type { AccuracySettings, PlacementScores } from "./accuracy-settings.ts";
import { tileChoices } from "./gpu-tiles.ts";
import { createProgrammer } from "./programmer.ts";
import { openWebGpu } from "./web-gpu.ts";

/** What a session says of its engine. */
export interface EngineInUse {
  readonly kernel: EngineName;
  readonly fallbackReason: string | null;
}

/** The GPU of a session. Once it has failed, which is said once, it is not asked again. */
export interface SessionGpu {
  /** Changes when the GPU fails. */
  readonly inUse: () => EngineInUse;
  /** @returns null: there is no GPU, or it failed in the middle */
  readonly attempt: <T>(work: (recorder: Recorder) => Promise<T>) => Promise<T | null>;
  /** Remembers how far the GPU came, for the note on its failure. */
  readonly count: (done: number, wanted: number) => void;
}

type Open = () => Promise<GpuContext>;
type Say = (line: string) => void;

const toStderr: Say = (line) => process.stderr.write(`ohmoe: ${line}\n`);

/** @param engine the next one */
export async function openSessionGpu(
  asked: EngineName,
  engine: { readonly name: EngineName; readonly fallbackReason: string | null },
  open: Open = openWebGpu,
  say: Say = toStderr,
): Promise<SessionGpu> {
  let failure: string | null = asked === "webgpu" ? null : engine.fallbackReason;
  let reached = "";
  let isThere = asked === "webgpu";
  let wasThere = false;
  const attempt = async <T>(work: (recorder: Recorder) => Promise<T>): Promise<T | null> => {
    if (!isThere) return null;
    try {
      return await withRecorder(open, work);
    } catch (error) {
      if (!(error instanceof GpuError)) throw error;
      isThere = false;
      failure = `${wasThere ? "the GPU stopped" : "no GPU computes"}: ${error.message}`;
      say(`${failure}; the ${engine.name} engine goes on`);
      return null;
    }
  };
  // Whether there is one is said before hours of work.
  await attempt(async () => {});
  wasThere = isThere;
  return {
    attempt,
    count: (done, wanted) => {
      if (!wasThere) return;
      reached = `; ${done} of ${wanted} placements are its work, the others the ${engine.name} engine's`;
    },
    inUse: () => ({
      kernel: isThere ? "webgpu" : engine.name,
      fallbackReason: failure === null ? null : `${failure}${isThere ? "" : reached}`,
    }),
  };
}

async function withRecorder<T>(open: Open, work: (recorder: Recorder) => Promise<T>): Promise<T> {
  const gpu = await open();
  try {
    const recorder = createRecorder(gpu);
    try {
      return await work(recorder);
    } finally {
      recorder.release();
    }
  } finally {
    gpu.close();
  }
}

/** @returns scores of every placement, all seeds side by side; null: the GPU did not come so far */
export async function evaluateOnGpu(
  gpu: SessionGpu,
  plan: GpuPlan,
  source: WeightSource,
  engine: TileEngine,
  tileKinds: readonly Int32Array[],
  settings: AccuracySettings,
  options?: GpuOptions,
): Promise<readonly (PlacementScores | null)[]> {
  const tasks = tileKinds.map((kinds) => tasksOf(plan, kinds, settings));
  const text: TextScore[] = [];
  const pairs: PairScore[] = [];
  await gpu.attempt(async (recorder) => {
    const programmer = createProgrammer(plan, engine, settings.jobs, tasks.flat().length);
    try {
      const own = options ?? { ...GPU_DEFAULTS, choices: await tileChoices(recorder, toStderr) };
      const evaluator = createGpuEvaluator(recorder, plan, source, programmer.program, own);
      await evaluator.score(tasks.flat(), (ofText, ofPairs) => {
        text.push(...ofText);
        pairs.push(...ofPairs);
      });
    } finally {
      await programmer.stop();
    }
  });
  const scores = inPlacements(tasks, text, pairs);
  gpu.count(scores.filter((own) => own !== null).length, scores.length);
  return scores;
}

/** Experts that the text's tokens choose in the all-digital model; null: the GPU could not. */
export function routingOnGpu(
  gpu: SessionGpu,
  plan: Pick<GpuPlan, "workload" | "windows">,
  source: WeightSource,
  options?: GpuOptions,
): Promise<readonly RoutingEntry[] | null> {
  return gpu.attempt(async (recorder) => {
    const record = createRoutingRecord(plan.workload);
    await runRouting(recorder, plan, source, record.onRouting, options);
    return record.entries();
  });
}

/** Whole placements only: what is compared with each other comes from one engine. */
function inPlacements(
  tasks: readonly (readonly AccuracyTask[])[],
  text: readonly TextScore[],
  pairs: readonly PairScore[],
): readonly (PlacementScores | null)[] {
  let next = 0;
  return tasks.map(({ length }) => {
    const [begin, end] = [next, next + length];
    next = end;
    if (end > text.length) return null;
    return { text: text.slice(begin, end), pairs: pairs.slice(begin, end) };
  });
}

/** Scores that the GPU left out come from the next engine. */
export async function completed(
  scores: readonly (PlacementScores | null)[],
  tileKinds: readonly Int32Array[],
  evaluate: (rest: readonly Int32Array[]) => Promise<readonly PlacementScores[]>,
): Promise<readonly PlacementScores[]> {
  const missing = tileKinds.filter((_, i) => scores[i] === null);
  const rest = missing.length === 0 ? [] : await evaluate(missing);
  let next = 0;
  return scores.map((own) => own ?? rest[next++]!);
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

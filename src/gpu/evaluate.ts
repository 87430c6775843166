/** Scores placements of one model on the GPU: the numbers of `accuracy/evaluator.ts`. */

import { type AnswerWindow, answerScore, type PairScore } from "../accuracy/answers.ts";
import { type AccuracyPlan, type AccuracyTask, programRequest } from "../accuracy/evaluator.ts";
import type { WeightSource } from "../accuracy/stream-model.ts";
import type { TextScore } from "../model/evaluation.ts";
import { type WeightMatrix, weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import { without } from "../numerics/effects.ts";
import type { AnalogMatrix } from "../numerics/engine.ts";
import { type ProgramRequest, programMatrix } from "../numerics/program.ts";
import { onEngine, type TileEngine } from "../numerics/tile.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import { GpuError } from "./context.ts";
import { type PassModel, type PassOptions, type Predictions, runPass } from "./pass.ts";
import type { Recorder } from "./recorder.ts";
import { chunkRows, inPasses, sumsOf, tokensIn } from "./room.ts";
import type { Member } from "./stage.ts";
import type { Tiles } from "./tiles.ts";
import { MANY_ROWS, type TileChoices, tilesOfChoice, usualChoices } from "./tune.ts";

/** What is scored; the divergence's reference is computed beside the others, not stored. */
export type GpuPlan = Omit<AccuracyPlan, "weights" | "reference">;

export interface GpuOptions {
  /** For the residual streams of a pass and the programmed weights of its largest layer. */
  readonly memory_B: number;
  readonly chunkRows: number;
  readonly tiles?: Tiles;
  /** Measured on this adapter; left out: what is fastest on an H100. */
  readonly choices?: TileChoices | undefined;
}

export const GPU_DEFAULTS: GpuOptions = { memory_B: 4e9, chunkRows: 16384 };

/** Programs a matrix for a variant; apart, so that other threads can do it. */
export type Program = (
  matrix: WeightMatrix,
  task: AccuracyTask,
  weights: Float32Array,
) => Promise<AnalogMatrix>;

/** @throws GpuError if a kind of tile computes in a way that the shaders do not know */
function requireShaders(request: ProgramRequest): void {
  const what =
    request.slicing !== undefined
      ? "bit slices or bit-serial inputs"
      : request.numerics.periphery !== undefined
        ? "the full periphery"
        : null;
  if (what !== null) throw new GpuError(`the shaders do not compute ${what}`);
}

/** @throws GpuError if the shaders do not compute what the matrix is programmed for */
export function requestFor(
  plan: GpuPlan,
  matrix: WeightMatrix,
  { tileKinds, seed }: AccuracyTask,
  weights: Float32Array,
): ProgramRequest {
  const planned = programRequest(plan, tileKinds[matrix.id]!, matrix, weights, seed);
  const request = without(planned, plan.without ?? []);
  requireShaders(request);
  return request;
}

/** Programming in this thread. */
export function programHere(plan: GpuPlan, engine: TileEngine): Program {
  return async (matrix, task, weights) =>
    programMatrix(onEngine(requestFor(plan, matrix, task, weights), engine));
}

/** All matrices digital: a task without a seed. */
export const allDigital = (workload: Workload): AccuracyTask => ({
  tileKinds: new Int32Array(weightMatrices(workload).length).fill(-1),
  seed: 0,
});

/** The model of a pass: one variant for each task. */
export function passModel(
  workload: Workload,
  source: WeightSource,
  tasks: readonly AccuracyTask[],
  program: Program,
): PassModel {
  return {
    workload,
    embedding: () => source.matrix(weightMatrices(workload)[0]!),
    norms: source.norms,
    finalNorm: source.finalNorm,
    membersOf: async (matrix) => {
      const weights = await source.matrix(matrix);
      return Promise.all(
        tasks.map(async (task): Promise<Member> => {
          if (task.tileKinds[matrix.id]! < 0) return { kind: "digital", id: matrix.id, weights };
          return { kind: "analog", matrix: await program(matrix, task, weights) };
        }),
      );
    },
  };
}

/** Runs windows through the all-digital model, whose choices of experts are seen. */
export async function runRouting(
  recorder: Recorder,
  { workload, windows }: Pick<GpuPlan, "workload" | "windows">,
  source: WeightSource,
  onRouting: PassOptions["onRouting"],
  { chunkRows: wanted, tiles, choices }: GpuOptions = GPU_DEFAULTS,
): Promise<void> {
  const rows = chunkRows(recorder, workload, wanted, () => 0, 1);
  const digital = passModel(workload, source, [allDigital(workload)], () => {
    throw new Error("nothing is analog");
  });
  await runPass(recorder, digital, windows, {
    ...{ variants: 1, chunkRows: rows, hasReference: false },
    tiles: tiles ?? tilesFor(recorder, workload, windows, rows, 1, choices),
    ...(onRouting && { onRouting }),
  });
}

/** Sees scores of the next tasks in order; of pairs only where there are any. */
export type OnScored = (text: readonly TextScore[], pairs: readonly PairScore[]) => void;

export interface GpuEvaluator {
  /** Text and pairs of every task; those that fit side by side are seen as soon as they are there. */
  readonly score: (tasks: readonly AccuracyTask[], seen: OnScored) => Promise<void>;
  /** Scores of tasks under each other's noise-free sibling: all in few passes. */
  readonly scoreTexts: (tasks: readonly AccuracyTask[]) => Promise<readonly TextScore[]>;
  readonly scorePairs: (tasks: readonly AccuracyTask[]) => Promise<readonly PairScore[]>;
}

export function createGpuEvaluator(
  recorder: Recorder,
  plan: GpuPlan,
  source: WeightSource,
  program: Program,
  options: GpuOptions = GPU_DEFAULTS,
): GpuEvaluator {
  const { workload, pairs, windows } = plan;
  const sums = sumsOf(plan.tiles);
  const run = (
    tasks: readonly AccuracyTask[],
    windows: readonly TokenWindow[],
    hasReference: boolean,
  ): Promise<readonly Predictions[]> => {
    const all = hasReference ? [allDigital(workload), ...tasks] : tasks;
    const passOptions: PassOptions = {
      variants: all.length,
      tiles:
        options.tiles ??
        tilesFor(recorder, workload, windows, options.chunkRows, all.length, options.choices),
      chunkRows: chunkRows(recorder, workload, options.chunkRows, sums, all.length),
      hasReference,
    };
    return runPass(recorder, passModel(workload, source, all, program), windows, passOptions);
  };
  const textsOf = async (group: readonly AccuracyTask[]): Promise<readonly TextScore[]> => {
    const [, ...results] = await run(group, windows, true);
    return results.map((result, i) => textScore(result, group[i]!.seed));
  };
  const pairsOf = async (group: readonly AccuracyTask[]): Promise<readonly PairScore[]> => {
    const results = await run(group, pairs, false);
    return results.map((result, i) =>
      answerScore(pairs, probabilitiesOf(result, pairs), group[i]!.seed),
    );
  };
  const groupsOf = (tasks: readonly AccuracyTask[], windows: readonly TokenWindow[]) =>
    inPasses(recorder, tasks, workload, windows, options.memory_B, sums);
  return {
    score: async (tasks, seen) => {
      for (const group of groupsOf(tasks, tokensIn(pairs) > tokensIn(windows) ? pairs : windows))
        seen(await textsOf(group), pairs.length > 0 ? await pairsOf(group) : []);
    },
    scoreTexts: async (tasks) => {
      const scores: TextScore[] = [];
      for (const group of groupsOf(tasks, windows)) scores.push(...(await textsOf(group)));
      return scores;
    },
    scorePairs: async (tasks) => {
      const scores: PairScore[] = [];
      for (const group of groupsOf(tasks, pairs)) scores.push(...(await pairsOf(group)));
      return scores;
    },
  };
}

/** Tiles by the rows that an expert has on average. */
export function tilesFor(
  { gpu }: Recorder,
  { hidden_features, moe }: Workload,
  windows: readonly TokenWindow[],
  chunkRows: number,
  variants: number,
  choices: TileChoices = usualChoices(gpu),
): Tiles {
  const rows = Math.min(tokensIn(windows), chunkRows / variants);
  const each = (rows * moe.active_experts) / Math.max(1, moe.experts);
  const choice = each >= MANY_ROWS ? choices.many : choices.few;
  const isNarrow = moe.expert_features > 0 && moe.expert_features <= 32;
  const own = isNarrow
    ? { ...usualChoices(gpu)[each >= MANY_ROWS ? "many" : "few"], columns: 32 }
    : choice;
  // Row parts are padded to what is staged at a time.
  const fewest = Math.min(hidden_features, moe.expert_features || hidden_features);
  return tilesOfChoice(gpu, own, fewest < 128 ? { depth: 4 } : {});
}

function textScore({ nll_nats, correct, kl_nats }: Predictions, seed: number): TextScore {
  const sum = (values: Float32Array | Uint8Array): number => {
    let total = 0;
    for (const value of values) total += value;
    return total;
  };
  return {
    seed,
    predictions: nll_nats.length,
    nll_sum_nats: sum(nll_nats),
    correct: sum(correct),
    kl_sum_nats: sum(kl_nats),
  };
}

/** Log-probability of each window: the sum over its tokens that count. */
function probabilitiesOf(
  { windows, nll_nats }: Predictions,
  answers: readonly AnswerWindow[],
): Float64Array {
  const sums = new Float64Array(answers.length);
  const visited = new Int32Array(answers.length);
  windows.forEach((window, i) => {
    visited[window]!++;
    if (visited[window]! < answers[window]!.firstCounted) return;
    sums[window] = sums[window]! - nll_nats[i]!;
  });
  return sums;
}

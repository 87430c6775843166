/** Scores placements of a model that is read layer by layer: the numbers of `evaluator.ts`. */
import type { TextScore } from "../model/evaluation.ts";
import { without } from "../numerics/effects.ts";
import type { ReusableEngine } from "../numerics/engines/reusable.ts";
import { createTileProjection } from "../numerics/tile.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import { answerScore, createSequenceTally, type PairScore } from "./answers.ts";
import { createRangeCollectors } from "./calibrate-ranges.ts";
import {
  type AccuracyPlan,
  type AccuracyTask,
  createReferenceTally,
  type MatrixRanges,
  programRequest,
} from "./evaluator.ts";
import { createTally } from "./score-text.ts";
import { type StreamedModel, streamPredictions, type WeightSource } from "./stream-model.ts";

/** A plan whose weights stay where they are. */
export type StreamPlan = Omit<AccuracyPlan, "weights">;

export interface StreamEvaluator {
  /** Scores the whole text all-digitally and writes `plan.reference`. */
  readonly scoreReference: () => Promise<TextScore>;
  readonly scoreText: (task: AccuracyTask) => Promise<TextScore>;
  readonly scorePairs: (task: AccuracyTask) => Promise<PairScore>;
}

/** The model with every matrix digital. */
export function digitalModel(
  workload: AccuracyPlan["workload"],
  source: WeightSource,
  engine: ReusableEngine,
): StreamedModel {
  return {
    workload,
    source,
    attend: engine.attend,
    project: (matrix, weights) => engine.digital(weights, matrix.outputs, matrix.inputs),
  };
}

/** Input ranges from a calibration text, as `calibrateRanges` has them. */
export async function streamRanges(
  { workload, tiles }: Pick<AccuracyPlan, "workload" | "tiles">,
  source: WeightSource,
  engine: ReusableEngine,
  windows: readonly TokenWindow[],
): Promise<MatrixRanges> {
  const collectors = createRangeCollectors(workload, tiles);
  const model = digitalModel(workload, source, engine);
  await streamPredictions(model, windows, () => {}, collectors.hooks);
  return collectors.ranges();
}

export function createStreamEvaluator(
  plan: StreamPlan,
  source: WeightSource,
  engine: ReusableEngine,
): StreamEvaluator {
  const { workload, windows, pairs } = plan;
  const digital = digitalModel(workload, source, engine);
  const modelOf = ({ tileKinds, seed }: AccuracyTask): StreamedModel => ({
    ...digital,
    project: (matrix, weights) => {
      const kind = tileKinds[matrix.id]!;
      if (kind < 0) return digital.project(matrix, weights);
      const request = programRequest(plan, kind, matrix, weights, seed);
      return createTileProjection(engine, without(request, plan.without ?? []));
    },
  });
  return {
    scoreReference: async () => {
      const tally = createReferenceTally(plan, 0);
      await streamPredictions(digital, windows, tally.visit);
      return tally.score();
    },
    scoreText: async (task) => {
      const tally = createTally(workload.vocabulary_tokens, task.seed, plan.reference);
      await streamPredictions(modelOf(task), windows, tally.visit);
      return tally.score();
    },
    scorePairs: async (task) => {
      const tally = createSequenceTally(workload.vocabulary_tokens, pairs);
      await streamPredictions(modelOf(task), pairs, tally.visit);
      return answerScore(pairs, tally.sums, task.seed);
    },
  };
}

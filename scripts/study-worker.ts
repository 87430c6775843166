/** A worker thread of `study-placement.ts`: scores placements of one model on one text. */
import { parentPort, workerData } from "node:worker_threads";
import {
  type AccuracyPlan,
  type AccuracyTask,
  createEvaluator,
} from "../src/accuracy/evaluator.ts";
import { createEngine } from "../src/numerics/engines/index.ts";

export interface StudyTask extends AccuracyTask {
  readonly id: number;
}

/** Mean NLL in nats. */
export interface StudyResult {
  readonly id: number;
  readonly nll_nats: number;
}

const evaluator = createEvaluator(workerData as AccuracyPlan, createEngine("wasm"));
parentPort?.on("message", ({ id, ...task }: StudyTask) => {
  const { nll_sum_nats, predictions } = evaluator.scoreText(task);
  const result: StudyResult = { id, nll_nats: nll_sum_nats / predictions };
  parentPort?.postMessage(result);
});

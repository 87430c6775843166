/** What runs in a worker thread: `createEvaluator` on the plan that the thread was started with. */
import { workerData } from "node:worker_threads";
import { type AccuracyPlan, type AccuracyTask, createEvaluator } from "../accuracy/evaluator.ts";
import type { PairScore } from "../accuracy/pairs.ts";
import type { TextScore } from "../model/evaluation.ts";
import type { EngineName } from "../numerics/engine.ts";
import { openEngine } from "./open-engine.ts";

export interface WorkerSetup {
  readonly plan: AccuracyPlan;
  readonly kernel: EngineName;
}

export type WorkerTask =
  | { readonly kind: "reference"; readonly first: number; readonly last: number }
  | ({ readonly kind: "text" | "pairs" } & AccuracyTask);

const { plan, kernel } = workerData as WorkerSetup;
const evaluator = createEvaluator(plan, await openEngine(kernel));

const RUNS = { text: evaluator.scoreText, pairs: evaluator.scorePairs } as const;

export default function run(task: WorkerTask): TextScore | PairScore {
  return task.kind === "reference"
    ? evaluator.scoreReference(task.first, task.last)
    : RUNS[task.kind](task);
}

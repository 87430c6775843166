/** A worker thread of the placement study: scores placements of one model. */
import { parentPort, workerData } from "node:worker_threads";
import {
  type AccuracyPlan,
  type AccuracyTask,
  createEvaluator,
  type Evaluator,
} from "../../src/accuracy/evaluator.ts";
import type { Effect } from "../../src/numerics/effects.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";

/** What is measured: the loss on the evaluation text, KL on the calibration text, or pairs. */
export type Measure = "nll" | "calibration-kl" | "pairs";

export interface StudyTask extends AccuracyTask {
  readonly id: number;
  readonly measure: Measure;
  readonly age_s: number;
  readonly without: readonly Effect[];
}

/** Nats a token, or a share of pairs. */
export interface StudyResult {
  readonly id: number;
  readonly value: number;
  /** Nothing is left of the group. */
  readonly isLast: boolean;
}

/** Plans of the two texts. */
export interface StudySetup {
  readonly evaluation: AccuracyPlan;
  readonly calibration: AccuracyPlan;
}

const placementName = ({ tileKinds, seed, measure, age_s, without }: StudyTask): string =>
  JSON.stringify([[...tileKinds], seed, measure, age_s, without]);

const setup = workerData as StudySetup;
const engine = createEngine("wasm");
const evaluators = new Map<string, Evaluator>();
/** Only the evaluator at work keeps programmed matrices. */
let atWork: Evaluator | null = null;

function evaluatorOf({ measure, age_s, without }: StudyTask): Evaluator {
  const key = JSON.stringify([measure === "calibration-kl", age_s, without]);
  const known = evaluators.get(key);
  if (known !== undefined) return known;
  const plan = measure === "calibration-kl" ? setup.calibration : setup.evaluation;
  const made = createEvaluator({ ...plan, age_s, without }, engine, { keepsAnalog: true });
  if (measure === "calibration-kl") made.scoreReference(0, plan.windows.length);
  evaluators.set(key, made);
  return made;
}

function measured(task: StudyTask): number {
  const evaluator = evaluatorOf(task);
  if (evaluator !== atWork) atWork?.release();
  atWork = evaluator;
  if (task.measure === "pairs") {
    const { correct, pairs } = evaluator.scorePairs(task);
    return correct / pairs;
  }
  const { nll_sum_nats, kl_sum_nats, predictions } = evaluator.scoreText(task);
  return (task.measure === "nll" ? nll_sum_nats : kl_sum_nats!) / predictions;
}

parentPort?.postMessage("ready");

/** Tasks of a group that are the same placement get the value of the first. */
parentPort?.on("message", (group: readonly StudyTask[]) => {
  const values = new Map<string, number>();
  group.forEach((task, i) => {
    const name = placementName(task);
    const value = values.get(name) ?? measured(task);
    values.set(name, value);
    const result: StudyResult = { id: task.id, value, isLast: i + 1 === group.length };
    parentPort?.postMessage(result);
  });
});

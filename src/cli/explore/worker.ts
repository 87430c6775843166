/** What runs in a worker thread of an exploration. */
import { workerData } from "node:worker_threads";
import type { PointRow } from "../../explore/row.ts";
import type { ExploreContext } from "./context.ts";
import { createPointEvaluator, type PointTask } from "./evaluate-point.ts";

const evaluate = await createPointEvaluator(workerData as ExploreContext);

export default function run(tasks: readonly PointTask[]): PointRow[] {
  return tasks.map(evaluate);
}

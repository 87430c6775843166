/** Where points are evaluated. */
import type { PointRow } from "../../explore/row.ts";
import type { PointTask } from "./evaluate-point.ts";

export interface EvaluationEngine {
  readonly name: "local" | "slurm";
  /**
   * Evaluates points, in any order.
   *
   * @param tasks taken as they are needed: there may be more than fit into memory
   * @param finished called with rows as they come, from the main thread; what it throws ends the run
   * @param isStopped asked between points: true means to take no further tasks, and to end when
   *   those in flight are finished
   */
  readonly run: (
    tasks: Iterable<PointTask>,
    finished: (rows: readonly PointRow[]) => void,
    isStopped: () => boolean,
  ) => Promise<void>;
  readonly close: () => Promise<void>;
}

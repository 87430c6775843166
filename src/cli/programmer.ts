/** Who programs the matrices that a GPU reads: this thread, or several others. */
import { Piscina } from "piscina";
import { type GpuPlan, type Program, programHere, requestFor } from "../gpu/evaluate.ts";
import { weightMatrices } from "../model/matrix.ts";
import type { AnalogMatrix } from "../numerics/engine.ts";
import type { TileEngine } from "../numerics/tile.ts";
import type { ProgramTask } from "./program-worker.ts";

export interface Programmer {
  readonly program: Program;
  readonly stop: () => Promise<void>;
}

/** Weights that are programmed before other threads would have started. */
const FEW_WEIGHTS = 2e6;

/** @param tasks that every matrix is programmed for */
export function createProgrammer(
  plan: GpuPlan,
  engine: TileEngine,
  jobs: number,
  tasks: number,
): Programmer {
  const weights = weightMatrices(plan.workload).reduce((sum, m) => sum + m.inputs * m.outputs, 0);
  if (jobs === 1 || weights * tasks < FEW_WEIGHTS)
    return { program: programHere(plan, engine), stop: async () => {} };
  const pool = new Piscina<ProgramTask, AnalogMatrix>({
    filename: new URL("./program-worker.js", import.meta.url).href,
    workerData: { ...plan, windows: [], pairs: [] } satisfies GpuPlan,
    minThreads: jobs,
    maxThreads: jobs,
  });
  return {
    program: async (matrix, task, weights) => {
      // Here, because an error in a worker would lose its kind.
      requestFor(plan, matrix, task, weights);
      const kind = task.tileKinds[matrix.id]!;
      return pool.run({ matrix, kind, seed: task.seed, weights });
    },
    stop: () => pool.destroy(),
  };
}

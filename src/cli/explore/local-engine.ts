/** Evaluates points in worker threads of this machine. */
import { Piscina } from "piscina";
import { rowOfError } from "../../explore/results.ts";
import type { PointRow } from "../../explore/row.ts";
import { createSpace } from "../../explore/space.ts";
import type { ExploreContext } from "./context.ts";
import type { EvaluationEngine } from "./engine.ts";
import { type PointTask, startOf } from "./evaluate-point.ts";
import { take } from "./take.ts";

export interface LocalSettings {
  readonly jobs: number;
  /** For the heaps of all workers together. */
  readonly memory_B: number;
}

/** Batches are cut so that one takes about so long: short enough to stop, long enough to hand over. */
const BATCH_MS = 100;
const MOST_PER_BATCH = 512;
/** Batches per thread that are under way or wait. */
const AHEAD = 2;

export function createLocalEngine(
  context: ExploreContext,
  { jobs, memory_B }: LocalSettings,
): EvaluationEngine {
  const pool = new Piscina<readonly PointTask[], PointRow[]>({
    filename: new URL("./worker.js", import.meta.url).href,
    workerData: context,
    minThreads: jobs,
    maxThreads: jobs,
    resourceLimits: { maxOldGenerationSizeMb: Math.ceil(memory_B / jobs / 2 ** 20) },
  });
  // A worker that dies is an error of its task, which is dealt with there.
  pool.on("error", () => {});
  const runBatch = (tasks: readonly PointTask[]): Promise<PointRow[]> =>
    runOrSplit(pool, context, tasks);
  return {
    name: "local",
    run: (tasks, finished, isStopped) => runAll(runBatch, jobs, tasks, finished, isStopped),
    close: () => pool.destroy(),
  };
}

/** A batch whose worker dies is tried point by point, so that one point costs only itself. */
async function runOrSplit(
  pool: Piscina<readonly PointTask[], PointRow[]>,
  context: ExploreContext,
  tasks: readonly PointTask[],
): Promise<PointRow[]> {
  try {
    return await pool.run(tasks);
  } catch (error) {
    if (tasks.length === 1) return [lostRow(context, tasks[0]!, error)];
    const rows: PointRow[] = [];
    for (const task of tasks) rows.push(...(await runOrSplit(pool, context, [task])));
    return rows;
  }
}

function lostRow(context: ExploreContext, task: PointTask, error: unknown): PointRow {
  const space = createSpace(context.sweep, context.file);
  const { code, message } = error as NodeJS.ErrnoException;
  const why =
    code === "ERR_WORKER_OUT_OF_MEMORY" ? "more memory needed than --memory_B allows" : message;
  return rowOfError(space, startOf(context, space, task), `the worker ended: ${why}`, 0);
}

async function runAll(
  runBatch: (tasks: readonly PointTask[]) => Promise<PointRow[]>,
  jobs: number,
  tasks: Iterable<PointTask>,
  finished: (rows: readonly PointRow[]) => void,
  isStopped: () => boolean,
): Promise<void> {
  const source = tasks[Symbol.iterator]();
  let size = 1;
  const lane = async (): Promise<void> => {
    while (!isStopped()) {
      const batch = take(source, size);
      if (batch.length === 0) return;
      const start = performance.now();
      const rows = await runBatch(batch);
      const pointMs = (performance.now() - start) / batch.length / AHEAD;
      size = Math.min(MOST_PER_BATCH, 2 * size, Math.max(1, Math.round(BATCH_MS / pointMs)));
      finished(rows);
    }
  };
  await settleAll(Array.from({ length: jobs * AHEAD }, lane));
}

/** Waits for all, so that finished work is not lost to the failure of another; then throws it. */
async function settleAll(lanes: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(lanes);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

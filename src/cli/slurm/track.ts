/** A job array from submission to its end: polled, and submitted again where tasks are missing. */
import type { Cluster } from "./cluster.ts";

export interface ArrayRun {
  readonly cluster: Cluster;
  readonly script: string;
  /** Array tasks, by number. */
  readonly tasks: readonly number[];
  /** Is everything of a task there? Asked again and again; may collect what is new. */
  readonly isDone: (task: number) => boolean;
  /** Times that a task is submitted again. */
  readonly retries: number;
  readonly wait: () => Promise<void>;
  /** Asked between polls: true ends the jobs and the run. */
  readonly isStopped: () => boolean;
}

/** A task that left the queue unfinished may still have lines on their way over the network. */
const GRACE_POLLS = 3;

/** Polls in a row that the controller may leave unanswered. */
const MOST_UNANSWERED = 30;

/**
 * Runs tasks until each is done, or has failed more often than it may.
 *
 * @returns how the tasks ended that could not be finished, by task
 */
export async function runArray(run: ArrayRun): Promise<ReadonlyMap<number, string>> {
  const failed = new Map<number, string>();
  let open = run.tasks;
  for (let attempt = 0; open.length > 0 && attempt <= run.retries; attempt++) {
    failed.clear();
    const job = await run.cluster.submit(run.script, open);
    const left = await follow(run, job, open);
    if (run.isStopped()) {
      await run.cluster.cancel(job);
      return failed;
    }
    for (const task of left) failed.set(task, await run.cluster.ending(job, task));
    open = left;
  }
  return failed;
}

/** @returns tasks that have left the queue without being done */
async function follow(run: ArrayRun, job: string, tasks: readonly number[]): Promise<number[]> {
  let open = [...tasks];
  let idle = 0;
  let unanswered = 0;
  while (open.length > 0 && idle < GRACE_POLLS && !run.isStopped()) {
    await run.wait();
    const active = await run.cluster.active(job);
    open = open.filter((task) => !run.isDone(task));
    unanswered = active === null ? unanswered + 1 : 0;
    if (unanswered > MOST_UNANSWERED) break;
    const isWorking = active === null || open.some((task) => active.has(task));
    idle = isWorking ? 0 : idle + 1;
  }
  return open;
}

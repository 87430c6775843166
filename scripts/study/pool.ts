/** Threads that measure cells, and a journal that makes a study go on where it was cut off. */
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import type { StudyResult, StudySetup, StudyTask } from "./worker.ts";

/** What was measured, by the name of the cell. */
export interface Journal {
  readonly get: (key: string) => number | undefined;
  readonly add: (key: string, value: number) => void;
  /** Every key, with the processor time since the entry before; null: not noted. */
  readonly times_s: () => readonly (readonly [key: string, cpu_s: number | null])[];
}

/** One JSON line a cell; a line that was cut off is measured again. */
export function openJournal(file: string): Journal {
  const known = new Map<string, number>();
  const times = new Map<string, number>();
  mkdirSync(dirname(file), { recursive: true });
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  for (const line of text.split("\n"))
    try {
      const { key, value, cpu_s: own } = JSON.parse(line);
      known.set(key, value);
      if (own !== undefined) times.set(key, own);
    } catch {
      // the last line of a run that was killed
    }
  // A line that was cut off must not swallow the next one.
  let before = text === "" || text.endsWith("\n") ? "" : "\n";
  let last_s = 0;
  return {
    get: (key) => known.get(key),
    add: (key, value) => {
      const now_s = processorTime_s();
      const own = Number((now_s - last_s).toFixed(3));
      last_s = now_s;
      times.set(key, own);
      known.set(key, value);
      appendFileSync(file, `${before}${JSON.stringify({ key, value, cpu_s: own })}\n`);
      before = "";
    },
    times_s: () => [...known.keys()].map((key) => [key, times.get(key) ?? null] as const),
  };
}

/** Of all threads of this process. */
function processorTime_s(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** A task without its number. */
export type NewTask = Omit<StudyTask, "id">;

export interface Pool {
  /**
   * Tasks for one thread, in this order: what they have in common is computed once.
   *
   * @returns their values, each as soon as it is there
   */
  readonly run: (tasks: readonly NewTask[]) => readonly Promise<number>[];
  /** All threads have started. */
  readonly ready: Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** Threads that take groups of tasks one after the other. */
export function startPool(setup: StudySetup, jobs: number): Pool {
  const waiting: (readonly StudyTask[])[] = [];
  const resolvers = new Map<number, (value: number) => void>();
  const idle: Worker[] = [];
  const next = (): void => {
    while (idle.length > 0 && waiting.length > 0) idle.pop()!.postMessage(waiting.shift()!);
  };
  const workers = Array.from({ length: jobs }, () => {
    const worker = new Worker(new URL("./worker.mjs", import.meta.url), { workerData: setup });
    worker.once("message", () => {
      idle.push(worker);
      next();
      worker.on("message", take);
    });
    const take = ({ id, value, isLast }: StudyResult): void => {
      resolvers.get(id)!(value);
      resolvers.delete(id);
      if (!isLast) return;
      idle.push(worker);
      next();
    };
    worker.on("error", (error) => {
      throw error;
    });
    return worker;
  });
  const ready = Promise.all(workers.map((worker) => once(worker, "message")));
  let count = 0;
  return {
    run: (tasks) => {
      const numbered = tasks.map((task) => ({ id: count++, ...task }));
      const values = numbered.map(
        ({ id }) => new Promise<number>((resolve) => resolvers.set(id, resolve)),
      );
      if (numbered.length > 0) waiting.push(numbered);
      next();
      return values;
    },
    ready,
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

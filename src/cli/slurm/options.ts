/** Options of `ohmoe explore --engine slurm`. */
import type { OptionReader } from "../options.ts";

/** Passed through to `sbatch`; undefined: the cluster's default. */
export interface SlurmOptions {
  readonly partition: string | undefined;
  readonly account: string | undefined;
  /** Of one array task. */
  readonly time_min: number | undefined;
  readonly memory_MB: number | undefined;
  /** Wall time that a chunk should take: long enough to be worth a job, short enough to lose. */
  readonly chunk_s: number;
  readonly retries: number;
}

export const SLURM = {
  partition: { type: "string", requiresArg: true, describe: "slurm: partition of the jobs" },
  account: { type: "string", requiresArg: true, describe: "slurm: account of the jobs" },
  time_min: { type: "number", requiresArg: true, describe: "slurm: time limit of a task" },
  memory_MB: { type: "number", requiresArg: true, describe: "slurm: memory of a task" },
  chunk_s: {
    type: "number",
    requiresArg: true,
    default: 120,
    describe: "slurm: wall time that a task should take",
  },
  retries: {
    type: "number",
    requiresArg: true,
    default: 3,
    describe: "slurm: times that a failed task is submitted again",
  },
  "dry-run": { type: "boolean", default: false, describe: "slurm: print the batch script only" },
} as const;

/** Names that need no quoting in a script. */
const PLAIN_NAME = /^[\w.,-]+$/;

export function readSlurmOptions(reader: OptionReader): SlurmOptions {
  const plain = (option: string): string | undefined => {
    const value = reader.text(option);
    if (value !== undefined && !PLAIN_NAME.test(value))
      reader.refuse(option, "a name of letters, digits and . , _ -");
    return value;
  };
  return {
    partition: plain("partition"),
    account: plain("account"),
    time_min: reader.optionalWholeNumber("time_min", 1, 525_600),
    memory_MB: reader.optionalWholeNumber("memory_MB", 64, 1e8),
    chunk_s: reader.real("chunk_s", 0.1, 1e6),
    retries: reader.wholeNumber("retries", 0, 100),
  };
}

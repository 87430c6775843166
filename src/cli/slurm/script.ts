/** The batch script of a job array: what `--dry-run` prints and `sbatch` gets. */
import type { SlurmOptions } from "./options.ts";

export interface ScriptRequest {
  readonly options: SlurmOptions;
  /** Folder for the tasks' output. */
  readonly logs: string;
  /** What a task runs; the number of its chunk is added. */
  readonly command: readonly string[];
}

/** A shell word. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Requeue: a task that a node failure or a preemption ended starts again by itself. */
export function batchScript({ options, logs, command }: ScriptRequest): string {
  const { partition, account, time_min, memory_MB } = options;
  const lines = [
    "#!/bin/sh",
    "#SBATCH --job-name=ohmoe",
    `#SBATCH --output=${logs.replaceAll("%", "%%")}/%A-%a.log`,
    "#SBATCH --open-mode=append",
    "#SBATCH --requeue",
    "#SBATCH --ntasks=1",
    "#SBATCH --cpus-per-task=1",
    ...(partition === undefined ? [] : [`#SBATCH --partition=${partition}`]),
    ...(account === undefined ? [] : [`#SBATCH --account=${account}`]),
    ...(time_min === undefined ? [] : [`#SBATCH --time=${time_min}`]),
    ...(memory_MB === undefined ? [] : [`#SBATCH --mem=${memory_MB}M`]),
    `exec ${command.map(quoted).join(" ")} "$SLURM_ARRAY_TASK_ID"`,
  ];
  return `${lines.join("\n")}\n`;
}

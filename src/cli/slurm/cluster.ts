/** What is asked of Slurm, by its own commands. */
import { execFile } from "node:child_process";
import { InputError } from "../../model/issue.ts";

interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
/** Runs a program to its end; code 127: there is none of that name. */
export type RunCommand = (name: string, args: readonly string[]) => Promise<CommandResult>;

export interface Cluster {
  /**
   * Submits an array.
   * @returns the number of the job
   * @throws InputError with what `sbatch` says
   */
  readonly submit: (script: string, tasks: readonly number[]) => Promise<string>;
  /** Tasks that wait or run; null where the controller did not answer. */
  readonly active: (job: string) => Promise<ReadonlySet<number> | null>;
  /** How a task ended, in Slurm's words. */
  readonly ending: (job: string, task: number) => Promise<string>;
  readonly cancel: (job: string) => Promise<void>;
}

const runProgram: RunCommand = (name, args) =>
  new Promise((done) => {
    execFile(name, [...args], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const missing = (error as NodeJS.ErrnoException | null)?.code === "ENOENT";
      const code = typeof error?.code === "number" ? error.code : 1;
      done({ code: error === null ? 0 : missing ? 127 : code, stdout, stderr });
    });
  });

/** Who knows how a task ended: accounting if there is one, else the controller's memory. */
const stateQueries = (task: string): readonly (readonly [string, readonly string[]])[] => [
  ["sacct", ["-n", "-X", "-P", "-j", task, "-o", "State"]],
  ["scontrol", ["-o", "show", "job", task]],
];

export function createCluster(run: RunCommand = runProgram): Cluster {
  return {
    submit: async (script, tasks) => {
      const array = `--array=${ranges(tasks)}`;
      const { code, stdout, stderr } = await run("sbatch", ["--parsable", array, script]);
      const job = /^\d+/.exec(stdout)?.[0];
      if (code === 0 && job !== undefined) return job;
      throw new InputError("--engine slurm", [
        {
          pointer: "",
          found: code === 127 ? "no `sbatch` on this machine" : stderr.trim() || stdout.trim(),
          allowed: "a job array that Slurm takes",
        },
      ]);
    },
    active: async (job) => {
      const args = ["--noheader", "--array", `--jobs=${job}`, "--format=%K"];
      const { code, stdout, stderr } = await run("squeue", args);
      if (code !== 0) return /invalid job id/i.test(stderr) ? new Set() : null;
      return new Set(
        stdout
          .split("\n")
          .filter((line) => /^\d+$/.test(line.trim()))
          .map(Number),
      );
    },
    ending: async (job, task) => {
      for (const [program, args] of stateQueries(`${job}_${task}`)) {
        const { code, stdout } = await run(program, args);
        const state = /JobState=(\S+)/.exec(stdout)?.[1] ?? stdout.trim().split("\n")[0];
        if (code === 0 && state !== undefined && state !== "") return state.split("|")[0]!;
      }
      return "unknown state";
    },
    cancel: async (job) => {
      await run("scancel", [job]);
    },
  };
}

/** `[1, 2, 3, 7]` to `1-3,7`. */
export function ranges(tasks: readonly number[]): string {
  const parts: string[] = [];
  const sorted = [...tasks].sort((a, b) => a - b);
  for (let i = 0; i < sorted.length; ) {
    let last = i;
    while (sorted[last + 1] === sorted[last]! + 1) last++;
    parts.push(last === i ? `${sorted[i]}` : `${sorted[i]}-${sorted[last]}`);
    i = last + 1;
  }
  return parts.join(",");
}

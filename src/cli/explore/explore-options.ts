/** Options of `ohmoe explore`; apart from the command, which loads much more. */
import type { Options } from "yargs";

export const EXPLORE_OPTIONS = {
  out: {
    type: "string",
    requiresArg: true,
    describe: "Folder for journal, front and summary",
  },
  resume: {
    type: "boolean",
    default: false,
    describe: "Go on with the exploration in the folder",
  },
  engine: {
    type: "string",
    requiresArg: true,
    default: "local",
    describe: "Where points are evaluated: local, slurm",
  },
  jobs: {
    type: "number",
    requiresArg: true,
    describe: "Worker threads; default: one per core",
  },
  memory_B: {
    type: "number",
    requiresArg: true,
    describe: "Most memory of all workers' heaps; default: three quarters of what there is",
  },
  quiet: { type: "boolean", default: false, describe: "No progress, no summary" },
} as const satisfies Readonly<Record<string, Options>>;

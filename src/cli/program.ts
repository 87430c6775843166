import type { Argv } from "yargs";
import { InputError } from "../model/issue.ts";
import { EFFECT_OPTIONS } from "./effect-options.ts";
import { EXPLORE_OPTIONS } from "./explore/explore-options.ts";
import { COMMON, type CommandOptions, OUTPUT, RUN, SEVERAL_PLACEMENTS, TEXT } from "./options.ts";
import { overview } from "./overview.ts";
import { SLURM } from "./slurm/options.ts";
import { SENSITIVITY_OPTIONS, TRAIN_OPTIONS } from "./training/options.ts";
import { VERSION } from "./version.ts";

/** A command is loaded when it is called, so that `--help` stays fast. */
type Run = (options: CommandOptions) => Promise<number>;

interface Command {
  readonly usage: string;
  /** false: not for people, and not in `--help`. */
  readonly summary: string | false;
  readonly build: (parser: Argv) => Argv;
  readonly load: () => Promise<Run>;
}

const files = (parser: Argv, description: string): Argv =>
  parser.positional("files", { type: "string", array: true, describe: description });

/** Every command, in the order of `--help`. */
const COMMANDS: readonly Command[] = [
  {
    usage: "compare",
    summary: "Latency, energy, area and accuracy of several placements, side by side",
    build: (parser) =>
      parser.options({ ...COMMON, ...SEVERAL_PLACEMENTS, ...RUN, ...TEXT, ...OUTPUT }),
    load: async () => (await import("./commands/compare.ts")).compare,
  },
  {
    usage: "run",
    summary: "The same for one placement",
    build: (parser) =>
      parser.options({ ...COMMON, ...SEVERAL_PLACEMENTS, ...RUN, ...TEXT, ...OUTPUT }),
    load: async () => (await import("./commands/compare.ts")).run,
  },
  {
    usage: "accuracy",
    summary: "Only the accuracy part, with more control",
    build: (parser) =>
      parser.options({ ...COMMON, ...SEVERAL_PLACEMENTS, ...TEXT, ...EFFECT_OPTIONS, ...OUTPUT }),
    load: async () => (await import("./commands/accuracy.ts")).accuracy,
  },
  {
    usage: "score",
    summary: "Expert scores straight from a checkpoint of any size",
    build: (parser) =>
      parser.options({
        checkpoint: COMMON.checkpoint,
        metric: {
          type: "string",
          array: true,
          requiresArg: true,
          describe: "Score to print; repeatable (default: all that need only weights)",
        },
        down_axis: {
          type: "string",
          requiresArg: true,
          default: "column",
          describe: "Which vectors of W_down are neurons: row or column",
        },
        placement: {
          type: "string",
          requiresArg: true,
          describe: "Write the placement of a strategy that needs weights only, not the scores",
        },
        ranking: SEVERAL_PLACEMENTS.ranking,
        initial_checkpoint: SEVERAL_PLACEMENTS.initial_checkpoint,
        seed: COMMON.seed,
        out: { ...OUTPUT.out, describe: "Write scores, or the placement, as JSON; repeatable" },
        quiet: OUTPUT.quiet,
      }),
    load: async () => (await import("./commands/score.ts")).score,
  },
  {
    usage: "import <config>",
    summary: "A Hugging Face config.json to a workload file",
    build: (parser) =>
      parser.positional("config", { type: "string", describe: "Path of a config.json" }).options({
        name: { type: "string", requiresArg: true, describe: "Name of the workload" },
        out: { type: "string", requiresArg: true, describe: "File to write; default: stdout" },
      }),
    load: async () => (await import("./commands/import.ts")).importConfig,
  },
  {
    usage: "validate <files..>",
    summary: "Checks arch, workload, placement, sweep and report files; prints every issue",
    build: (parser) => files(parser, "JSON files"),
    load: async () => (await import("./commands/validate.ts")).validateFiles,
  },
  {
    usage: "report <file>",
    summary: "Renders a saved report again",
    build: (parser) =>
      parser.positional("file", { type: "string", describe: "Report JSON" }).options({
        out: OUTPUT.out,
        only: {
          type: "string",
          requiresArg: true,
          describe: "One thing only: energy, area, latency or accuracy",
        },
        quiet: OUTPUT.quiet,
      }),
    load: async () => (await import("./commands/report.ts")).renderReport,
  },
  {
    usage: "explain <file>",
    summary: "Why a saved report is slow, costly, inaccurate: ten lines",
    build: (parser) => parser.positional("file", { type: "string", describe: "Report JSON" }),
    load: async () => (await import("./commands/explain.ts")).explain,
  },
  {
    usage: "explore <space>",
    summary: "Design-space exploration: search, Pareto front, results database",
    build: (parser) =>
      parser
        .positional("space", { type: "string", describe: "Space file, format sweep/1" })
        .options({ ...EXPLORE_OPTIONS, ...SLURM }),
    load: async () => (await import("./commands/explore.ts")).explore,
  },
  {
    usage: "train <spec>",
    summary: "Hardware-aware training of a network; its accuracy over a year of drift",
    build: (parser) =>
      parser
        .positional("spec", { type: "string", describe: "Training file, or name of a shipped one" })
        .options(TRAIN_OPTIONS),
    load: async () => (await import("./commands/train.ts")).train,
  },
  {
    usage: "sensitivity <spec>",
    summary: "How much of each nonideality a trained network stands",
    build: (parser) =>
      parser
        .positional("spec", { type: "string", describe: "Training file, or name of a shipped one" })
        .options(SENSITIVITY_OPTIONS),
    load: async () => (await import("./commands/sensitivity.ts")).sensitivity,
  },
  {
    usage: "query <folder> <sql>",
    summary: "SQL on the table `results` of an exploration",
    build: (parser) =>
      parser
        .positional("folder", { type: "string", describe: "--out folder of `ohmoe explore`" })
        .positional("sql", { type: "string", describe: 'For example "SELECT * FROM results"' })
        .options({
          out: { ...OUTPUT.out, describe: "Write the answer as .csv or .json; repeatable" },
          quiet: OUTPUT.quiet,
        }),
    load: async () => (await import("./commands/query.ts")).query,
  },
  {
    usage: "compare-runs <a> <b>",
    summary: "What changed between two reports or two explorations",
    build: (parser) =>
      parser
        .positional("a", { type: "string", describe: "Report JSON, or folder of an exploration" })
        .positional("b", { type: "string", describe: "The same, later" })
        .options({
          "max-regression": {
            type: "number",
            requiresArg: true,
            describe: "Exit with 1 if a value is worse by more than this share, or a row missing",
          },
          out: { ...OUTPUT.out, describe: "Write all differences as .csv; repeatable" },
          quiet: OUTPUT.quiet,
        }),
    load: async () => (await import("./commands/compare-runs.ts")).compareRuns,
  },
  {
    usage: "explore-task <batch> <chunk>",
    summary: false,
    build: (parser) =>
      parser
        .positional("batch", { type: "string", describe: "Folder of a job array" })
        .positional("chunk", { type: "number", describe: "Which of its chunks" }),
    load: async () => (await import("./commands/explore-task.ts")).exploreTask,
  },
  {
    usage: "list [what]",
    summary: "What there is: strategies, noise, topologies, formats, archs, workloads, engines",
    build: (parser) => parser.positional("what", { type: "string", describe: "One kind only" }),
    load: async () => (await import("./commands/list.ts")).list,
  },
];

const INTRO = "Compares placements of mixture-of-experts models on analog/digital chips.";
const EPILOGUE = `Exit codes: 0 done; 1 a check you asked for failed; 2 bad input or usage; 70 a bug.
Results go to stdout or --out, all else to stderr. Fields and commands: docs/contract.md`;

/** Reads the command line and runs its command. @returns the exit code */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const width = Math.min(80, process.stdout.columns ?? 80);
  if (argv.length === 1 && (argv[0] === "--help" || argv[0] === "-h")) {
    const text = overview({ intro: INTRO, epilogue: EPILOGUE, commands: COMMANDS }, width);
    process.stdout.write(`${text}\n`);
    return 0;
  }
  const { default: yargs } = await import("yargs");
  let exitCode: number | undefined;
  const parser = yargs([...argv])
    .scriptName("ohmoe")
    .usage(`$0 <command>\n\n${INTRO}`)
    .parserConfiguration({ "camel-case-expansion": false, "duplicate-arguments-array": true })
    .strict()
    .recommendCommands()
    .demandCommand(1, "Name a command")
    .version(VERSION)
    .alias("h", "help")
    .epilogue(EPILOGUE)
    .wrap(width)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? usageError(argv, message);
    });
  for (const command of COMMANDS)
    parser.command(command.usage, command.summary as string, command.build, async (options) => {
      const run = await command.load();
      exitCode = await run(options as CommandOptions);
    });
  await parser.parseAsync();
  return exitCode ?? 0;
}

function usageError(argv: readonly string[], message: string): InputError {
  const found = argv.length === 0 ? "nothing" : `ohmoe ${argv.join(" ")}`;
  const allowed = "what `ohmoe --help` and `ohmoe COMMAND --help` list";
  const hint = message.replaceAll("\n", " ");
  return new InputError("command line", [{ pointer: "", found, allowed, hint }]);
}

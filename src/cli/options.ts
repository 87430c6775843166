/** Options that several commands share, and their checks. */
import type { Options } from "yargs";
import { CHOICE_NORMS } from "../accuracy/choices.ts";
import { InputError, mergeErrors } from "../model/issue.ts";
import { ASSIGNMENTS, LEVELS, type Level, OVERFLOWS, type Overflow } from "../model/run.ts";
import { ACCURACY_SOURCES } from "../model/sweep.ts";
import { ENGINES, type EngineName } from "../numerics/engine.ts";

/** What yargs hands over: numbers may still be NaN, texts may still name nothing. */
export interface CommandOptions {
  readonly [option: string]: unknown;
}

const text = (describe: string, more: Options = {}) =>
  ({ type: "string", requiresArg: true, describe, ...more }) as const;
const number = (describe: string, more: Options = {}) =>
  ({ type: "number", requiresArg: true, describe, ...more }) as const;
const numbers = (describe: string, more: Options = {}) =>
  ({ ...number(describe, more), array: true }) as const;

export const COMMON = {
  arch: text("Chip: path, or name of a preset", { default: "hetero-pcm" }),
  workload: text("Model: path, preset name, or Hugging Face folder"),
  checkpoint: text("Folder with weights, or the name of a shipped one"),
  seed: number("Seed of everything random", { default: 1 }),
} as const;

export const SEVERAL_PLACEMENTS = {
  placement: {
    type: "string",
    array: true,
    requiresArg: true,
    describe: "NAME, NAME:FRACTION, optimal:'FIELD<=VALUE & ...' or a placement JSON; repeatable",
  },
  ranking: text("Rank experts per layer or globally", { default: "layer" }),
  down_axis: text("Max-neuron-norm: neurons of W_down are its rows or columns", {
    default: "column",
  }),
  initial_checkpoint: text("Router-norm-change: the same model from earlier in its training"),
  scores: text("JSON with expert scores, as `ohmoe score --out` writes it"),
} as const;

export const RUN = {
  batch: number("Sequences served at once", { default: 1 }),
  prefill_tokens: number("Prompt tokens of each sequence", { default: 64 }),
  decode_tokens: number("Tokens generated for each sequence", { default: 16 }),
  routing: text("TRACE.jsonl, uniform, zipf:S or bursts:TOKENS[:S]", { default: "uniform" }),
  capacity_factor: number("An expert takes at most this times its even share; default: no limit"),
  level: text(`Timing: ${LEVELS.join(", ")}`, { default: "simulate" }),
  overflow: text(`Matrices without a free crossbar: ${OVERFLOWS.join(", ")}`, {
    default: "infeasible",
  }),
  assignment: text(`How tiles are assigned: ${ASSIGNMENTS.join(", ")}`, { default: "in-order" }),
  replicas: number(
    "Copies of hot experts, or of busy layers, take at most the crossbars of that many tiles",
    {
      default: 0,
    },
  ),
  profile: text("Routing that --assignment and --replicas expect; default: that of --routing"),
  explain: {
    type: "boolean",
    default: false,
    describe: "Say what the time goes into: critical path and waiting",
  },
} as const;

export const TEXT = {
  accuracy: text(`${ACCURACY_SOURCES.join(", ")}; default: measured, with --level table predicted`),
  text: text("Evaluation text; default: Moby-Dick, chapters 6-60"),
  pairs: text("Minimal pairs as JSON lines, in BLiMP's form; or `shipped`"),
  choices: text("Multiple choice as JSON lines: context, choices, label"),
  choice_norm: text(`Choices: log-probability over ${CHOICE_NORMS.join(", ")}`, {
    default: "bytes",
  }),
  text_tokens: number("Tokens of the text to evaluate", { default: 4096 }),
  context_tokens: number("Window of the evaluation", { default: 256 }),
  seeds: number("Noise seeds", { default: 5 }),
  noise_scale: numbers("Multiplies the programming noise; repeatable", { default: 1 }),
  age_s: numbers("Seconds since programming; 0: right after it; repeatable", { default: 0 }),
  kernel: text(`Numerics engine: ${ENGINES.join(", ")}`, { default: "wasm" }),
  "record-routing": text("Write the experts that the text's tokens choose, as JSON lines"),
  jobs: number("Worker threads; default: one per core"),
} as const;

export const OUTPUT = {
  out: {
    type: "string",
    array: true,
    requiresArg: true,
    describe: "File to write; its ending picks the format; repeatable",
  },
  quiet: { type: "boolean", describe: "No progress, no table", default: false },
} as const;

const foundText = (value: unknown): string =>
  Number.isNaN(value) ? "no number" : (JSON.stringify(value) ?? "nothing");

/** Collects what is wrong with options, so that all of it is said at once. */
export function createOptionReader(options: CommandOptions) {
  const errors: InputError[] = [];
  const refuse = (option: string, allowed: string, hint?: string): void => {
    const found = [options[option]].flat().map(foundText).join(", ");
    const issue = { pointer: "", found, allowed, ...(hint === undefined ? {} : { hint }) };
    errors.push(new InputError(`--${option}`, [issue]));
  };
  const numberWithin = (
    option: string,
    least: number,
    most: number,
    isAllowed: (value: number) => boolean,
    what: string,
  ): number => {
    const value = options[option];
    const fits = typeof value === "number" && isAllowed(value) && value >= least && value <= most;
    if (!fits) refuse(option, `${what} from ${least} to ${most}`);
    return fits ? value : least;
  };
  return {
    wholeNumber: (option: string, least: number, most: number) =>
      numberWithin(option, least, most, Number.isInteger, "one whole number"),
    optionalWholeNumber: (option: string, least: number, most: number) =>
      options[option] === undefined
        ? undefined
        : numberWithin(option, least, most, Number.isInteger, "one whole number"),
    real: (option: string, least: number, most: number) =>
      numberWithin(option, least, most, Number.isFinite, "one number"),
    optionalReal: (option: string, least: number, most: number) =>
      options[option] === undefined
        ? undefined
        : numberWithin(option, least, most, Number.isFinite, "one number"),
    /** One or more numbers, each once. */
    reals: (option: string, least: number, most: number): readonly number[] => {
      const given = [options[option]].flat();
      const isFit = (value: unknown): value is number =>
        typeof value === "number" && value >= least && value <= most;
      const fit = [...new Set(given)].filter(isFit);
      if (fit.length < given.length || fit.length === 0)
        refuse(option, `different numbers from ${least} to ${most}`);
      return fit.length === 0 ? [least] : fit;
    },
    oneOf: <T extends string>(option: string, values: readonly T[]): T => {
      const value = values.find((v) => v === options[option]);
      if (value === undefined) refuse(option, `one of ${values.join(", ")}`);
      return value ?? values[0]!;
    },
    text: (option: string): string | undefined => {
      const value = options[option];
      if (value === undefined || (typeof value === "string" && value !== ""))
        return value as string;
      refuse(option, "one text, given once");
      return undefined;
    },
    texts: (option: string): readonly string[] => {
      const value = options[option];
      return value === undefined ? [] : (value as readonly unknown[]).map(String);
    },
    refuse,
    /** @throws InputError with everything refused so far */
    check: (): void => {
      if (errors.length > 0) throw mergeErrors(errors);
    },
  };
}
export type OptionReader = ReturnType<typeof createOptionReader>;

export const readLevel = (reader: OptionReader): Level => reader.oneOf("level", LEVELS);
export const readOverflow = (reader: OptionReader): Overflow => reader.oneOf("overflow", OVERFLOWS);
export const readEngine = (reader: OptionReader): EngineName => reader.oneOf("kernel", ENGINES);

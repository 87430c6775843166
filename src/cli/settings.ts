/** `compare` and `run`: every option, checked. */
import { availableParallelism } from "node:os";
import { CHOICE_NORMS } from "../accuracy/choices.ts";
import { ASSIGNMENTS, type CostOptions } from "../model/run.ts";
import { ACCURACY_SOURCES } from "../model/sweep.ts";
import type { NeuronAxis } from "../scoring/weight-scores.ts";
import type { AccuracySettings } from "./accuracy-settings.ts";
import {
  type CommandOptions,
  createOptionReader,
  type OptionReader,
  readEngine,
  readLevel,
  readOverflow,
} from "./options.ts";
import { isTimeline, readOutputs, showsTime } from "./output.ts";
import { readRouting } from "./routing-option.ts";

export interface PlacementSettings {
  readonly placements: readonly string[];
  readonly ranking: "layer" | "global";
  readonly downAxis: NeuronAxis;
  readonly scoresFile: string | undefined;
  readonly initialCheckpoint?: string | undefined;
}

export interface Settings extends PlacementSettings {
  readonly arch: string;
  readonly workload: string | undefined;
  readonly checkpoint: string | undefined;
  readonly cost: CostOptions;
  readonly routingName: string;
  readonly accuracy: AccuracySettings;
  readonly outputs: readonly string[];
  /** File for the routing trace of the text, if one is wanted. */
  readonly recordRouting: string | undefined;
  readonly quiet: boolean;
  /** Print where the time goes. */
  readonly explain: boolean;
  /** What the user typed. */
  readonly command: string;
}

/** The command line, quoted where a shell needs it. */
const typed = (argv: readonly string[]): string =>
  ["ohmoe", ...argv]
    .map((word) => (/^[\w.,:=/@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");

const MAX_SEED = 2 ** 32 - 1;

/** @throws InputError with every wrong option at once */
export function readSettings(options: CommandOptions): Settings {
  const reader = createOptionReader(options);
  const quiet = options["quiet"] === true;
  const outputs = readOutputs(reader);
  const settings: Settings = {
    arch: reader.text("arch") ?? "",
    workload: reader.text("workload"),
    checkpoint: reader.text("checkpoint"),
    ...readPlacementSettings(reader),
    routingName: reader.text("routing") ?? "uniform",
    cost: readCost(reader, options["explain"] === true, outputs),
    accuracy: readAccuracy(reader, quiet),
    outputs,
    recordRouting: reader.text("record-routing"),
    quiet,
    explain: options["explain"] === true,
    command: typed(process.argv.slice(2)),
  };
  reader.check();
  return settings;
}

export function readPlacementSettings(reader: OptionReader): PlacementSettings {
  const placements = reader.texts("placement");
  const twice = placements.find((name, i) => placements.indexOf(name) !== i);
  if (twice !== undefined)
    reader.refuse("placement", `each placement once; ${twice} is there twice`);
  return {
    placements,
    ranking: reader.oneOf("ranking", ["layer", "global"]),
    downAxis: reader.oneOf("down_axis", ["column", "row"]),
    scoresFile: reader.text("scores"),
    initialCheckpoint: reader.text("initial_checkpoint"),
  };
}

/** Pages and figures show the critical path wherever there is one. */
function readCost(reader: OptionReader, explain: boolean, outputs: readonly string[]): CostOptions {
  const level = readLevel(reader);
  if (level !== "simulate" && outputs.some(isTimeline))
    reader.refuse("out", "timelines only with --level simulate");
  if (explain && level !== "simulate") reader.refuse("explain", "only with --level simulate");
  return {
    seed: reader.wholeNumber("seed", 0, MAX_SEED),
    batch: reader.wholeNumber("batch", 1, 65536),
    prefill_tokens: reader.wholeNumber("prefill_tokens", 1, 1e6),
    decode_tokens: reader.wholeNumber("decode_tokens", 1, 1e6),
    routing: readRouting(reader),
    level,
    overflow: readOverflow(reader),
    assignment: reader.oneOf("assignment", ASSIGNMENTS),
    replica_tiles: reader.wholeNumber("replicas", 0, 1e7),
    profile: reader.text("profile") === undefined ? undefined : readRouting(reader, "profile"),
    capacity_factor: reader.optionalReal("capacity_factor", 0.01, 1e6),
    explain: explain || (level === "simulate" && outputs.some(showsTime)),
    detail: true,
  };
}

function readChoices(reader: OptionReader): AccuracySettings["choices"] {
  const file = reader.text("choices");
  if (file === undefined) return undefined;
  if (reader.text("pairs") !== undefined) reader.refuse("choices", "either --pairs or --choices");
  return { file, norm: reader.oneOf("choice_norm", CHOICE_NORMS) };
}

/** Every noise scale at every age; the first of both is what the rows are of. */
function readConditions(
  reader: OptionReader,
): Pick<AccuracySettings, "noise_scale" | "age_s" | "further"> {
  const ages = reader.reals("age_s", 0, 1e10);
  const [first, ...further] = reader
    .reals("noise_scale", 0, 100)
    .flatMap((noise_scale) => ages.map((age_s) => ({ noise_scale, age_s })));
  return { ...first!, further };
}

export function readAccuracy(reader: OptionReader, quiet: boolean): AccuracySettings {
  const isAsked = reader.text("accuracy") !== undefined;
  return {
    source: isAsked ? reader.oneOf("accuracy", ACCURACY_SOURCES) : undefined,
    text: reader.text("text"),
    pairs: reader.text("pairs"),
    choices: readChoices(reader),
    text_tokens: reader.wholeNumber("text_tokens", 2, 1e7),
    context_tokens: reader.wholeNumber("context_tokens", 2, 65536),
    seed: reader.wholeNumber("seed", 0, MAX_SEED),
    seeds: reader.wholeNumber("seeds", 1, 1000),
    ...readConditions(reader),
    kernel: readEngine(reader),
    jobs: reader.optionalWholeNumber("jobs", 1, 256) ?? availableParallelism(),
    quiet,
  };
}

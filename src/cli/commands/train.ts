import { join } from "node:path";
import { InputError } from "../../model/issue.ts";
import { textTable } from "../../report/text-table.ts";
import {
  type AgedAccuracy,
  accuracyOverTime,
  isIsoAccurate,
} from "../../training/trials/over-time.ts";
import { type Trials, VERSIONS } from "../../training/trials/trials.ts";
import { EXIT } from "../exit.ts";
import { lockFolder } from "../explore/folder.ts";
import { watchSignals } from "../explore/signals.ts";
import { writeWhole } from "../files.ts";
import { type CommandOptions, createOptionReader } from "../options.ts";
import { startProgress } from "../progress.ts";
import { evaluationOf, openSubject } from "../training/open-subject.ts";
import { openTrials } from "../training/open-trials.ts";
import type { Subject } from "../training/subject.ts";
import { ageText, errorText, starText } from "../training/texts.ts";
import { trainSubject } from "../training/train-subject.ts";

interface TrainOptions {
  readonly spec: string;
  readonly folder: string;
  readonly resume: boolean;
  readonly evaluate: boolean;
  readonly seeds: number | undefined;
  readonly quiet: boolean;
}

/** `ohmoe train SPEC --out DIR`: trains, programs, and says how accurate it is over time. */
export async function train(options: CommandOptions): Promise<number> {
  const settings = readOptions(options);
  const subject = await openSubject(settings.spec);
  const unlock = lockFolder(settings.folder);
  const signals = watchSignals(settings.quiet, "saving the state");
  try {
    const trained = await trainSubject(subject, { ...settings, isStopped: signals.isStopped });
    if (trained === null) return signals.exitCode() ?? EXIT.internal;
    subject.writeCheckpoint?.(trained, join(settings.folder, "checkpoint"));
    if (settings.evaluate)
      await tryOut(subject, await openTrials(subject, trained, settings.spec), settings);
    return EXIT.ok;
  } finally {
    signals.close();
    unlock();
  }
}

/** Programs both versions, writes `accuracy.json` and prints the table. */
async function tryOut(subject: Subject, trials: Trials, settings: TrainOptions): Promise<void> {
  const { ages_s, ...own } = evaluationOf(subject.spec);
  const seeds = settings.seeds ?? own.seeds;
  const steps = VERSIONS.length * ages_s.length * seeds;
  const progress = startProgress("programming", steps, settings.quiet);
  const rows = await accuracyOverTime(trials, subject.tile, { seeds, ages_s }, progress.advance);
  progress.done();
  const found = {
    network: subject.spec.name,
    measure: subject.measure,
    ...trials.scale,
    iso_accurate: Object.fromEntries(VERSIONS.map((v) => [v, isIsoAccurate(rows, v)])),
    rows,
  };
  writeWhole(join(settings.folder, "accuracy.json"), `${JSON.stringify(found, null, 1)}\n`);
  if (!settings.quiet) process.stdout.write(`${accuracyText(subject, trials, rows)}\n`);
}

function accuracyText(
  { spec, measure }: Subject,
  { scale }: Trials,
  rows: readonly AgedAccuracy[],
): string {
  const table = textTable(
    ["version", "age", "error", "A*", "programmings"],
    rows.map(({ version, age_s, seeds, error, normalised }) => [
      version,
      ageText(age_s),
      errorText(measure, error),
      starText(normalised),
      String(seeds),
    ]),
    ["left", "right", "right", "right", "right"],
  );
  const ends = `${spec.name}: digital error ${errorText(measure, scale.digital)}, chance ${errorText(measure, scale.chance)}`;
  return `${ends}\n\n${table}`;
}

function readOptions(options: CommandOptions): TrainOptions {
  const reader = createOptionReader(options);
  const folder = reader.text("out");
  if (folder === undefined)
    throw new InputError("--out", [{ pointer: "", found: "nothing", allowed: "a folder" }]);
  const settings = {
    spec: reader.text("spec") ?? "",
    folder,
    resume: options["resume"] === true,
    evaluate: options["evaluate"] !== false,
    seeds: reader.optionalWholeNumber("seeds", 2, 10_000),
    quiet: options["quiet"] === true,
  };
  reader.check();
  return settings;
}

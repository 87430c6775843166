import { existsSync } from "node:fs";
import { InputError } from "../../model/issue.ts";
import { valueOfError } from "../../training/tolerance/equal-error.ts";
import { NONIDEALITY_NAMES, type NonidealityName } from "../../training/tolerance/nonidealities.ts";
import { ISO_AGE_S } from "../../training/trials/over-time.ts";
import {
  accuracyAtError,
  EQUAL_ERROR,
  type Sensitivity,
} from "../../training/trials/sensitivity.ts";
import { toleranceOf, VERSIONS } from "../../training/trials/trials.ts";
import { EXIT } from "../exit.ts";
import { writeWhole } from "../files.ts";
import { type CommandOptions, createOptionReader } from "../options.ts";
import { startProgress } from "../progress.ts";
import { openSubject } from "../training/open-subject.ts";
import { openTrials } from "../training/open-trials.ts";
import { readTrained } from "../training/run-phase.ts";
import {
  SENSITIVITY_HEAD,
  sensitivityRows,
  sensitivityText,
} from "../training/sensitivity-table.ts";
import type { Subject } from "../training/subject.ts";
import { ageText } from "../training/texts.ts";

interface SensitivityOptions {
  readonly spec: string;
  readonly trained: string;
  readonly names: readonly NonidealityName[];
  readonly others: "off" | "on";
  readonly seeds: number;
  readonly age_s: number;
  readonly evaluation_items: number | undefined;
  readonly out: readonly string[];
  readonly quiet: boolean;
}

/** `ohmoe sensitivity SPEC --trained DIR`: the strongest value of each nonideality that both stand. */
export async function sensitivity(options: CommandOptions): Promise<number> {
  const settings = readOptions(options);
  const subject = await openSubject(settings.spec);
  const found = await measure(subject, settings);
  const { seeds, age_s, others } = settings;
  const file = { network: subject.spec.name, seeds, age_s, others, sensitivities: found };
  for (const path of settings.out)
    writeWhole(
      path,
      path.endsWith(".md") ? markdown(subject, found) : `${JSON.stringify(file, null, 1)}\n`,
    );
  if (!settings.quiet)
    process.stdout.write(`${heading(subject, settings)}\n\n${sensitivityText(found)}\n`);
  return EXIT.ok;
}

async function measure(subject: Subject, settings: SensitivityOptions): Promise<Sensitivity[]> {
  const { tile, engine } = subject;
  const { names, seeds, age_s, others, evaluation_items } = settings;
  const trained = readTrained(settings.trained, subject);
  const trials = await openTrials(subject, trained, settings.spec, evaluation_items);
  const progress = startProgress("nonidealities", names.length * VERSIONS.length, settings.quiet);
  const found: Sensitivity[] = [];
  for (const name of names) {
    const at = valueOfError(tile, name, EQUAL_ERROR, age_s, engine);
    for (const version of VERSIONS) {
      const own = { version, name, seeds, age_s, others };
      const tolerance = await toleranceOf(trials, tile, own);
      found.push({ ...own, tolerance, atEqualError: await accuracyAtError(trials, tile, at, own) });
      progress.advance();
    }
  }
  progress.done();
  return found;
}

const heading = ({ spec }: Subject, { seeds, age_s, others }: SensitivityOptions): string =>
  `${spec.name}: strongest values that keep A* above 99 %
${seeds} programmings a value, ${ageText(age_s)} old, other nonidealities ${others}`;

function markdown({ spec }: Subject, found: readonly Sensitivity[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = row(SENSITIVITY_HEAD.map(() => "---"));
  const rows = sensitivityRows(found).map(row);
  return `${[`# ${spec.name}`, "", row(SENSITIVITY_HEAD), rule, ...rows].join("\n")}\n`;
}

function readOptions(options: CommandOptions): SensitivityOptions {
  const reader = createOptionReader(options);
  const trained = reader.text("trained") ?? "";
  if (!existsSync(trained)) reader.refuse("trained", "the --out folder of `ohmoe train`");
  const asked = reader.texts("nonideality");
  const names = asked.filter((name): name is NonidealityName =>
    NONIDEALITY_NAMES.includes(name as NonidealityName),
  );
  if (names.length < asked.length)
    reader.refuse("nonideality", `of ${NONIDEALITY_NAMES.join(", ")}`);
  const out = reader.texts("out");
  if (out.some((file) => !/\.(json|md)$/.test(file)))
    reader.refuse("out", "names that end in .json or .md");
  const settings = {
    spec: reader.text("spec") ?? "",
    trained,
    names: asked.length === 0 ? NONIDEALITY_NAMES : names,
    others: reader.oneOf("others", ["off", "on"] as const),
    seeds: reader.wholeNumber("seeds", 2, 10_000),
    age_s: options["age_s"] === undefined ? ISO_AGE_S : reader.real("age_s", 0, 1e12),
    evaluation_items: reader.optionalWholeNumber("evaluation_items", 1, 1e7),
    out,
    quiet: options["quiet"] === true,
  };
  reader.check();
  if (options["spec"] === undefined)
    throw new InputError("command line", [
      { pointer: "", found: "no training file", allowed: "the path or name of one" },
    ]);
  return settings;
}

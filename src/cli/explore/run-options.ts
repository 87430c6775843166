/** Options of `ohmoe compare` that a space file may set, and their defaults. */
import { dirname, resolve } from "node:path";
import { fieldHint } from "../../input/wording.ts";
import { InputError, type Issue } from "../../model/issue.ts";
import { COMMON, RUN, SEVERAL_PLACEMENTS, TEXT } from "../options.ts";
import { readSettings, type Settings } from "../settings.ts";

/** What a space says in another place, or what has no meaning for many points. */
const ELSEWHERE = ["placement", "level", "accuracy", "explain", "record-routing", "jobs"];

const OFFERED: Readonly<Record<string, object>> = {
  seed: COMMON.seed,
  ...SEVERAL_PLACEMENTS,
  ...RUN,
  ...TEXT,
};

/** Names that `base.run` may have. */
export const RUN_OPTIONS: readonly string[] = Object.keys(OFFERED).filter(
  (name) => !ELSEWHERE.includes(name),
);

const DEFAULTS: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(OFFERED).flatMap(([name, option]) =>
    "default" in option && option.default !== undefined ? [[name, option.default]] : [],
  ),
);

/** Options whose value is, or may be, a file. */
const isFile = (name: string, value: unknown): value is string =>
  typeof value === "string" &&
  (["text", "choices", "scores"].includes(name) ||
    (name === "pairs" && value !== "shipped") ||
    (name === "routing" && value.endsWith(".jsonl")));

/**
 * Every option with its value; files relative to the space file.
 *
 * @throws InputError for names that are no options
 */
export function completeRun(
  run: Readonly<Record<string, unknown>>,
  file: string,
): Readonly<Record<string, unknown>> {
  const issues = Object.keys(run).flatMap((name) => unknownOption(name));
  if (issues.length > 0) throw new InputError(file, issues);
  const own = Object.entries(run).map(([name, value]) => [
    name,
    isFile(name, value) ? resolve(dirname(file), value) : value,
  ]);
  const kept = Object.entries(DEFAULTS).filter(([name]) => RUN_OPTIONS.includes(name));
  return Object.fromEntries([...kept, ...own]);
}

function unknownOption(name: string): Issue[] {
  if (RUN_OPTIONS.includes(name)) return [];
  const hint = fieldHint(name, RUN_OPTIONS);
  const issue = {
    pointer: `/base/run/${name}`,
    found: ELSEWHERE.includes(name)
      ? "an option that a space does not set here"
      : "no option of ohmoe compare",
    allowed: RUN_OPTIONS.join(", "),
  };
  return [{ ...issue, ...(hint === undefined ? {} : { hint }) }];
}

/**
 * The settings of a run. What only pages and figures need is left out.
 *
 * @throws InputError with every option that has a wrong value
 */
export function settingsOf(run: Readonly<Record<string, unknown>>, level: string): Settings {
  const settings = readSettings({ ...DEFAULTS, ...run, placement: [], level, quiet: true });
  if (settings.accuracy.further.length > 0)
    throw new InputError("", [
      {
        pointer: "",
        found: "several ages or noise scales",
        allowed: "one of each; a variable of the space may have more",
      },
    ]);
  return { ...settings, cost: { ...settings.cost, explain: false, detail: false } };
}

/** Options of `ohmoe accuracy` alone: effects switched off or explained, less memory. */
import { InputError } from "../model/issue.ts";
import { EFFECT_GROUPS, EFFECT_NAMES, type Effect } from "../numerics/effects.ts";
import type { CommandOptions } from "./options.ts";

const GROUPS: Readonly<Record<string, readonly Effect[]>> = EFFECT_GROUPS;
const NAMES: readonly string[] = [...Object.keys(GROUPS), ...EFFECT_NAMES];

export const EFFECT_OPTIONS = {
  without: {
    type: "string",
    array: true,
    requiresArg: true,
    describe: `Switch an effect off; repeatable: ${NAMES.join(", ")}`,
  },
  only: {
    type: "string",
    array: true,
    requiresArg: true,
    describe: "Switch every other effect off; repeatable, the same names",
  },
  layer_by_layer: {
    type: "boolean",
    default: false,
    describe: "Read weights layer by layer; always so for models above 4 GB",
  },
  explain: {
    type: "boolean",
    default: false,
    describe: "Say which effect hurts which matrices",
  },
} as const;

const effectsOf = (name: string): readonly Effect[] =>
  GROUPS[name] ?? EFFECT_NAMES.filter((effect) => effect === name);

function read(options: CommandOptions, option: "without" | "only"): readonly Effect[] {
  const names = ((options[option] as readonly unknown[] | undefined) ?? []).map(String);
  const unknown = names.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0)
    throw new InputError(
      `--${option}`,
      unknown.map((name) => ({ pointer: "", found: name, allowed: NAMES.join(", ") })),
    );
  return names.flatMap(effectsOf);
}

/**
 * The effects that are off.
 *
 * @throws InputError for a name that is none, and for both options at once
 */
export function readWithout(options: CommandOptions): readonly Effect[] {
  const without = read(options, "without");
  const only = read(options, "only");
  if (without.length > 0 && only.length > 0)
    throw new InputError("--only", [
      { pointer: "", found: "--only and --without", allowed: "one of the two" },
    ]);
  if (options["only"] === undefined) return EFFECT_NAMES.filter((name) => without.includes(name));
  return EFFECT_NAMES.filter((name) => !only.includes(name));
}

import { InputError } from "../../model/issue.ts";
import type { Report } from "../../model/report.ts";
import { renderCriticalPaths } from "../../report/explain-time.ts";
import { renderTerminal } from "../../report/terminal.ts";
import { compareAll } from "../comparison.ts";
import type { CommandOptions } from "../options.ts";
import { writeOutputs } from "../output.ts";
import { readSettings, type Settings } from "../settings.ts";
import { terminalStyle } from "../terminal-style.ts";

/** `ohmoe compare`: several placements, side by side. */
export const compare = (options: CommandOptions): Promise<number> =>
  report(requirePlacements(readSettings(options), 1, Number.POSITIVE_INFINITY), true);

/** `ohmoe run`: one placement. */
export const run = (options: CommandOptions): Promise<number> =>
  report(requirePlacements(readSettings(options), 1, 1), true);

/** Runs a comparison, writes its files and prints its table. */
export async function report(settings: Settings, withCost: boolean): Promise<number> {
  return writeReport(await compareAll(settings, withCost), settings);
}

/** @returns the exit code */
export async function writeReport(result: Report, settings: Settings): Promise<number> {
  await writeOutputs(result, settings.outputs);
  if (!settings.quiet) {
    process.stdout.write(renderTerminal(result, terminalStyle(process.stdout)));
    if (settings.explain) process.stdout.write(`\n${renderCriticalPaths(result)}\n`);
    for (const file of settings.outputs) process.stderr.write(`wrote ${file}\n`);
  }
  return 0;
}

export function requirePlacements(settings: Settings, least: number, most: number): Settings {
  const { length } = settings.placements;
  if (length >= least && length <= most) return settings;
  throw new InputError("--placement", [
    {
      pointer: "",
      found: `${length} placements`,
      allowed: most === 1 ? "one" : "one or more: --placement P1 --placement P2 ...",
    },
  ]);
}

import { InputError } from "../../model/issue.ts";
import type { CommandOptions } from "../options.ts";
import { RUN } from "../options.ts";
import { readSettings } from "../settings.ts";
import { report, requirePlacements } from "./compare.ts";

/** `ohmoe accuracy`: only the accuracy part; placements need not fit the chip. */
export async function accuracy(options: CommandOptions): Promise<number> {
  const settings = readSettings({ ...COST_DEFAULTS, ...options });
  if (settings.checkpoint === undefined && settings.workload === undefined)
    throw new InputError("--checkpoint", [
      {
        pointer: "",
        found: "nothing",
        allowed: "a folder with weights, or the name of a shipped one",
      },
    ]);
  return report(requirePlacements(settings, 1, Number.POSITIVE_INFINITY), false);
}

/** Options of the cost part are not offered here; their defaults stand. */
const COST_DEFAULTS = Object.fromEntries(
  Object.entries(RUN).map(([option, { default: value }]) => [option, value]),
);

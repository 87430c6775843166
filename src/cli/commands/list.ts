import { scalingClasses } from "../../cost/scaling.ts";
import { importers } from "../../input/importers/table.ts";
import { topologies } from "../../interconnect/index.ts";
import { assignments } from "../../mapping/assignments/index.ts";
import { devices } from "../../numerics/devices/index.ts";
import { ENGINES } from "../../numerics/engine.ts";
import { strategies } from "../../placement/index.ts";
import { formats } from "../../report/index.ts";
import { type CommandOptions, createOptionReader } from "../options.ts";
import { presetNames } from "../presets.ts";

type Entries = readonly (readonly [name: string, summary: string])[];

const summaries = (table: Readonly<Record<string, { readonly summary: string }>>): Entries =>
  Object.entries(table).map(([name, { summary }]) => [name, summary]);
const names = (list: readonly string[]): Entries => list.map((name) => [name, ""]);

/** How each class of component is scaled between nodes; the presets' constants are. */
const scalingLaws = (): Entries =>
  Object.entries(scalingClasses).map(([name, { summary, energyFactor }]) => {
    const [to14, to7] = [energyFactor(45, 14), energyFactor(45, 7)].map((f) => f.toFixed(3));
    return [name, `${summary}; energy 45 to 14 nm x ${to14}, to 7 nm x ${to7}`];
  });

/** One row per kind of thing; the tables of the plug-ins are the only lists there are. */
const KINDS = {
  strategies: () => summaries(strategies),
  assignments: () => summaries(assignments),
  noise: () => summaries(devices),
  topologies: () => summaries(topologies),
  formats: () => summaries(formats),
  scaling: () => scalingLaws(),
  archs: () => names(presetNames("arch")),
  workloads: () => names(presetNames("workloads")),
  trainings: () => names(presetNames("training")),
  importers: () => names(Object.keys(importers)),
  engines: () => names(ENGINES),
} as const satisfies Record<string, () => Entries>;
const kindNames = Object.keys(KINDS) as (keyof typeof KINDS)[];

/** `ohmoe list [what]` */
export async function list(options: CommandOptions): Promise<number> {
  const reader = createOptionReader(options);
  const wanted = options["what"] === undefined ? kindNames : [reader.oneOf("what", kindNames)];
  reader.check();
  const sections = wanted.map((kind) => {
    const entries = KINDS[kind]();
    const width = Math.max(...entries.map(([name]) => name.length));
    const lines = entries.map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`.trimEnd());
    return [`${kind}:`, ...lines].join("\n");
  });
  process.stdout.write(`${sections.join("\n\n")}\n`);
  return 0;
}

/** `ohmoe report DIR/exploration.json`: the page of an exploration. */
import { parseWith } from "../input/validate.ts";
import { type Exploration, ExplorationSchema } from "../model/exploration.ts";
import { InputError } from "../model/issue.ts";
import { renderExploration } from "../report/formats/exploration-html.ts";
import { writeWhole } from "./files.ts";

/** @returns the exit code */
export function renderExplorationFile(
  value: unknown,
  file: string,
  outputs: readonly string[],
  quiet: boolean,
): number {
  const other = outputs.filter((output) => !output.endsWith(".html"));
  if (other.length > 0 || outputs.length === 0)
    throw new InputError("--out", [
      {
        pointer: "",
        found: other.join(", ") || "nothing",
        allowed: "for explorations, names that end in .html",
      },
    ]);
  const data: Exploration = parseWith(ExplorationSchema, value, file, []);
  const page = renderExploration(data);
  for (const output of outputs) {
    writeWhole(output, page);
    if (!quiet) process.stderr.write(`wrote ${output}\n`);
  }
  return 0;
}

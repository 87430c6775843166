import { dirname, resolve } from "node:path";
import { parseArch } from "../../input/parse-arch.ts";
import { parseNetwork } from "../../input/parse-network.ts";
import { parsePlacementFile } from "../../input/parse-placement.ts";
import { parseReport } from "../../input/parse-report.ts";
import { parseScoresFile } from "../../input/parse-scores.ts";
import { parseSweep } from "../../input/parse-sweep.ts";
import { parseTraining } from "../../input/parse-training.ts";
import { parseWorkload } from "../../input/parse-workload.ts";
import { show } from "../../input/wording.ts";
import { InputError, mergeErrors } from "../../model/issue.ts";
import { readJsonFile } from "../inputs.ts";
import type { CommandOptions } from "../options.ts";

/** What a file says it is -> its parser. */
const PARSERS: Readonly<Record<string, (value: unknown, file: string) => unknown>> = {
  "arch/1": (value, file) =>
    parseArch(value, file, (path, from) => {
      const base = resolve(dirname(from), path);
      return { file: base, value: readJsonFile(base) };
    }),
  "workload/1": parseWorkload,
  "network/1": parseNetwork,
  "placement/1": parsePlacementFile,
  "sweep/1": parseSweep,
  "scores/1": parseScoresFile,
  "training/1": parseTraining,
  "report/1": parseReport,
};

/** `ohmoe validate FILE...`: prints every issue of every file. */
export async function validateFiles(options: CommandOptions): Promise<number> {
  const files = (options["files"] as readonly unknown[]).map(String);
  const errors = files.flatMap((file) => {
    try {
      validate(file);
      process.stdout.write(`${file}: valid\n`);
      return [];
    } catch (error) {
      if (error instanceof InputError) return [error];
      throw error;
    }
  });
  if (errors.length > 0) throw mergeErrors(errors);
  return 0;
}

function validate(file: string): void {
  const value = readJsonFile(file);
  const fields = typeof value === "object" && value !== null ? value : {};
  const format = Object.entries(fields).find(([key]) => key === "format" || key === "schema")?.[1];
  const parse = typeof format === "string" ? PARSERS[format] : undefined;
  if (parse === undefined)
    throw new InputError(file, [
      {
        pointer: "/format",
        found: format === undefined ? "nothing" : show(format),
        allowed: Object.keys(PARSERS).join(", "),
        hint: "a Hugging Face config.json is checked by `ohmoe import`",
      },
    ]);
  parse(value, file);
}

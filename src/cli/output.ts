import { extname } from "node:path";
import { InputError } from "../model/issue.ts";
import type { Report } from "../model/report.ts";
import { type Format, formats } from "../report/index.ts";
import { writeWhole } from "./files.ts";
import type { OptionReader } from "./options.ts";

const byExtension = new Map<string, Format>(
  Object.values(formats).map((format) => [format.extension, format]),
);

/** Checks the endings of `--out` before any work is done. */
export function readOutputs(reader: OptionReader): readonly string[] {
  const files = reader.texts("out");
  for (const file of files)
    if (!byExtension.has(extname(file)))
      reader.refuse("out", `names that end in ${[...byExtension.keys()].join(", ")}`);
  return files;
}

/** Writes the report to every file, in the format of its ending. */
export function writeOutputs(report: Report, files: readonly string[]): void {
  for (const file of files) {
    const format = byExtension.get(extname(file));
    if (format === undefined)
      throw new InputError(file, [
        { pointer: "", found: "an unknown ending", allowed: [...byExtension.keys()].join(", ") },
      ]);
    writeWhole(file, format.render(report));
  }
}

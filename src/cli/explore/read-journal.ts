/** Journals and shards, read back. */
import type { PointRow } from "../../explore/row.ts";
import { InputError } from "../../model/issue.ts";
import type { JournalHeader } from "./journal.ts";
import { wholeLines } from "./lines.ts";

export interface JournalContent {
  readonly header: JournalHeader;
  /** In the order in which they finished; one pass. */
  readonly rows: Iterable<PointRow>;
}

/**
 * Opens a journal. The rows are read as they are asked for; a torn last line is left out.
 *
 * @returns null for a file without a whole line
 * @throws InputError if it is no journal, and while reading for a line that is no JSON
 */
export function readJournal(file: string): JournalContent | null {
  const lines = wholeLines(file);
  const first = lines.next();
  if (first.done) return null;
  const header = parseLine(first.value, file, 1) as JournalHeader;
  if (header?.schema !== "journal/1")
    throw new InputError(file, [
      {
        pointer: "",
        found: "no journal of an exploration",
        allowed: 'a first line with "schema":"journal/1"',
      },
    ]);
  return { header, rows: rowsOf(lines, file) };
}

function* rowsOf(lines: Iterable<string>, file: string): Generator<PointRow> {
  let number = 1;
  for (const line of lines) yield parseLine(line, file, ++number) as PointRow;
}

function parseLine(line: string, file: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new InputError(`${file}:${number}`, [
      {
        pointer: "",
        found: "a damaged line",
        allowed: "one JSON object per line, as `ohmoe explore` writes them",
        hint: "delete the line: --resume evaluates its point again",
      },
    ]);
  }
}

/**
 * The journal of an exploration: JSON lines, only ever appended to. It is the truth; everything
 * else in the folder is made from it.
 *
 * The first line is a header, each other line a finished point. A line counts when its newline is
 * there, so that a program that is killed while it writes loses that line only.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Column, PointRow } from "../../explore/row.ts";
import { InputError } from "../../model/issue.ts";
import { fileError } from "../files.ts";
import { lastNewline } from "./lines.ts";

/** Its name in the folder of an exploration. */
export const JOURNAL = "journal.jsonl";

/** What the rows have in common. */
export interface JournalHeader {
  readonly schema: "journal/1";
  /** Of the program. */
  readonly version: string;
  /** Name of the space. */
  readonly name: string;
  /** Of the space with all its resolved inputs: rows belong together where it is equal. */
  readonly space_sha256: string;
  readonly workload_sha256: string;
  readonly checkpoint_sha256: string | null;
  readonly text_sha256: string | null;
  /** Numerics engine; null where nothing is measured. */
  readonly kernel: string | null;
  /** Names of the space's variables: their values tell which point a row is of. */
  readonly variables: readonly string[];
  /** Of the rows, in the order of the database. */
  readonly columns: readonly Column[];
}

export interface Journal {
  /** Hands the lines over to the system: they outlive this program, however it ends. */
  readonly append: (rows: readonly PointRow[]) => void;
  readonly close: () => void;
}

/** How much work a crash of the machine (not of the program) may cost. */
const SYNC_MS = 1000;

/**
 * Opens a journal for appending. A new one starts with the header; of an old one, a torn last line
 * is cut off.
 *
 * @throws InputError when the file cannot be written, here or later
 */
export function openJournal(file: string, header: JournalHeader): Journal {
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw fileError(file, error, "a journal that can be written; what is finished is in it");
    }
  };
  const handle = guard(() => openAtEnd(file, header));
  let synced_ms = performance.now();
  const sync = (): void => {
    fsyncSync(handle);
    synced_ms = performance.now();
  };
  return {
    append: (rows) =>
      guard(() => {
        writeLines(handle, rows);
        if (performance.now() - synced_ms > SYNC_MS) sync();
      }),
    close: () => {
      guard(sync);
      closeSync(handle);
    },
  };
}

function openAtEnd(file: string, header: JournalHeader): number {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, "a+");
  try {
    const { size } = fstatSync(handle);
    const whole =
      lastNewline(size, (bytes, at) => readSync(handle, bytes, 0, bytes.length, at)) + 1;
    if (whole < size) ftruncateSync(handle, whole);
    if (whole === 0) writeLines(handle, [header]);
    return handle;
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

function writeLines(handle: number, values: readonly unknown[]): void {
  if (values.length === 0) return;
  const bytes = Buffer.from(`${values.map((value) => JSON.stringify(value)).join("\n")}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
}

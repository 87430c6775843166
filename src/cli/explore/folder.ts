/** The folder of an exploration: new, or of the same space. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { InputError } from "../../model/issue.ts";
import { fileError } from "../files.ts";
import { JOURNAL, type JournalHeader } from "./journal.ts";
import { readJournal } from "./read-journal.ts";

/** @throws InputError if the folder holds something that must not be added to */
export function checkFolder(out: string, header: JournalHeader, resume: boolean): void {
  const file = join(out, JOURNAL);
  if (!existsSync(file)) return;
  const found = readJournal(file);
  if (found === null) return;
  if (!resume)
    throw refuse(file, "an exploration", "a new folder, or --resume to go on with this one");
  checkSameSpace(file, found.header, header);
}

/** @throws InputError if a journal is of another space or program */
export function checkSameSpace(file: string, found: JournalHeader, header: JournalHeader): void {
  const before = `${found.space_sha256.slice(0, 12)}...`;
  if (found.space_sha256 === header.space_sha256) return;
  if (found.version !== header.version)
    throw refuse(
      file,
      `an exploration by ohmoe ${found.version}, this is ${header.version}`,
      "the same program, or a new folder",
    );
  const what = changedParts(found, header);
  throw refuse(
    file,
    `an exploration of another space (${before}): ${what}`,
    "the space as it was, or a new folder: rows of two spaces do not mix",
  );
}

function changedParts(found: JournalHeader, header: JournalHeader): string {
  const parts = [
    ["workload", found.workload_sha256, header.workload_sha256],
    ["checkpoint", found.checkpoint_sha256, header.checkpoint_sha256],
    ["text", found.text_sha256, header.text_sha256],
  ] as const;
  const changed = parts.filter(([, before, after]) => before !== after).map(([name]) => name);
  const others = changed.length > 0 ? changed : ["space file, or an arch file that it names,"];
  return `the ${others.join(" and the ")} changed`;
}

const refuse = (file: string, found: string, allowed: string): InputError =>
  new InputError(file, [{ pointer: "", found, allowed }]);

/**
 * Makes sure that no other program writes to the folder.
 *
 * @returns gives the folder free again
 * @throws InputError while another process has it, or if the folder cannot be written
 */
export function lockFolder(out: string): () => void {
  const file = join(out, "explore.pid");
  try {
    mkdirSync(out, { recursive: true });
    if (existsSync(file) && !isRunning(Number(readFileSync(file, "utf8")))) rmSync(file);
    const handle = openSync(file, "wx");
    writeSync(handle, String(process.pid));
    closeSync(handle);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST" && existsSync(file))
      throw refuse(
        out,
        `the folder of a run that goes on, process ${readFileSync(file, "utf8")}`,
        "another folder, or to wait",
      );
    throw fileError(out, error, "a folder that can be written");
  }
  return () => rmSync(file, { force: true });
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

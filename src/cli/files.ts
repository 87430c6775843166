/** Files in and out: clear errors, whole files only. */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  read,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { CheckpointFiles, RandomAccess } from "../checkpoint/random-access.ts";
import { InputError } from "../model/issue.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "a folder",
  ENOTDIR: "a path that goes through a file",
  EEXIST: "a path that goes through a file",
  EACCES: "a file that may not be accessed",
  EPERM: "a file that may not be accessed",
  ENOSPC: "a full disk",
  EROFS: "a read-only file system",
  EMFILE: "too many open files",
};

/** What went wrong, in words, with the path as the user typed it. */
export function fileError(file: string, error: unknown, allowed: string): InputError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const found = REASONS[code] ?? (code === "" ? String(error) : code);
  return new InputError(file, [{ pointer: "", found, allowed }]);
}

export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw fileError(file, error, "a readable file");
  }
}

/**
 * Writes a file as a whole: to a temporary name beside it, then renamed, so that an interrupted
 * run leaves the old file or the new one, never half of one.
 */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    if (isFolder(file)) throw Object.assign(new Error(), { code: "EISDIR" });
    writeNew(temporary, bytes);
    renameSync(temporary, file);
  } catch (error) {
    throw fileError(file, error, "a file that can be written");
  }
}

/** Writes a new file to the disk, or leaves none. */
function writeNew(file: string, bytes: Uint8Array): void {
  const handle = openSync(file, "wx");
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}

const readAt = promisify(read);

/** Random access to one file; it stays open until the process ends. */
export async function openRandomAccess(file: string): Promise<RandomAccess> {
  try {
    const handle = openSync(file, "r");
    const { size } = fstatSync(handle);
    return { size, read: (offset, length) => readFully(handle, offset, length) };
  } catch (error) {
    throw fileError(file, error, "a readable file");
  }
}

/** Reads until `length` bytes are there or the file ends: one call may yield less. */
async function readFully(handle: number, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await readAt(handle, bytes, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/** The files of a checkpoint folder. */
export function checkpointFiles(folder: string): CheckpointFiles {
  try {
    return {
      names: readdirSync(folder).sort(),
      open: (name) => openRandomAccess(join(folder, name)),
    };
  } catch (error) {
    throw fileError(folder, error, "a folder with config.json and *.safetensors");
  }
}

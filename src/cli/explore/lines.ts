/** Lines of a file of any size, in bounded memory. */
import { closeSync, openSync, readSync } from "node:fs";
import { fileError } from "../files.ts";

const CHUNK_B = 1 << 20;
const NEWLINE = 10;

/** Fills `bytes` from a position of a file. @returns how many bytes there were */
type ReadAt = (bytes: Uint8Array, at: number) => number;

/** Position of the last newline of a file; -1: none. */
export function lastNewline(size: number, readAt: ReadAt): number {
  const bytes = Buffer.alloc(Math.min(size, CHUNK_B));
  for (let end = size; end > 0; end -= bytes.length) {
    const begin = Math.max(0, end - bytes.length);
    const length = readAt(bytes, begin);
    const found = bytes.subarray(0, Math.min(length, end - begin)).lastIndexOf(NEWLINE);
    if (found >= 0) return begin + found;
  }
  return -1;
}

/**
 * Every line that ends in a newline: what comes after the last one was torn off.
 *
 * @throws InputError if the file cannot be read
 */
export function* wholeLines(file: string): Generator<string> {
  let handle: number;
  try {
    handle = openSync(file, "r");
  } catch (error) {
    throw fileError(file, error, "a readable file");
  }
  try {
    const bytes = Buffer.alloc(CHUNK_B);
    let rest: Buffer = Buffer.alloc(0);
    for (let length = 1; length > 0; ) {
      length = readSync(handle, bytes, 0, bytes.length, null);
      const part = Buffer.concat([rest, bytes.subarray(0, length)]);
      let begin = 0;
      for (let end = part.indexOf(NEWLINE); end >= 0; end = part.indexOf(NEWLINE, begin)) {
        yield part.toString("utf8", begin, end);
        begin = end + 1;
      }
      rest = part.subarray(begin);
    }
  } finally {
    closeSync(handle);
  }
}

/** Bytes of a text file -> text, with a clear message for what is not UTF-8. */
import { InputError } from "../model/issue.ts";

/** Byte order marks and NUL patterns of encodings that people save JSON in by accident. */
const FOREIGN: readonly { readonly name: string; readonly matches: (b: Uint8Array) => boolean }[] =
  [
    { name: "UTF-32", matches: (b) => b[0] === 0xff && b[1] === 0xfe && b[2] === 0 && b[3] === 0 },
    { name: "UTF-32", matches: (b) => b[0] === 0 && b[1] === 0 && b[2] === 0xfe && b[3] === 0xff },
    { name: "UTF-16", matches: (b) => b[0] === 0xff && b[1] === 0xfe },
    { name: "UTF-16", matches: (b) => b[0] === 0xfe && b[1] === 0xff },
    { name: "UTF-16", matches: (b) => b.length > 1 && (b[0] === 0) !== (b[1] === 0) },
  ];

/**
 * Decodes UTF-8, with or without a byte order mark.
 *
 * @throws InputError for an empty file, UTF-16, UTF-32 and bytes that are not UTF-8
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const refuse = (found: string, hint?: string): never => {
    const issue = { pointer: "", found, allowed: "text in UTF-8" };
    throw new InputError(file, [hint === undefined ? issue : { ...issue, hint }]);
  };
  if (bytes.length === 0) return refuse("an empty file (0 bytes)");
  const foreign = FOREIGN.find((encoding) => encoding.matches(bytes));
  if (foreign) return refuse(`text in ${foreign.name}`, "save the file as UTF-8");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const at = firstInvalidByte(bytes);
    return refuse(`bytes that are not UTF-8 (byte ${at}, counted from 0)`, "save it as UTF-8");
  }
}

/** Bisects for the longest prefix that decodes; a sequence cut off by its end is not yet wrong. */
function firstInvalidByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodesSoFar(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return bad - 1;
}

function decodesSoFar(prefix: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(prefix, { stream: true });
    return true;
  } catch {
    return false;
  }
}

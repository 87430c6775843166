/** A place in JSON text: matching what stands there, and saying what is wrong with it. */
import { InputError } from "../model/issue.ts";
import { show } from "./wording.ts";

export interface JsonCursor {
  readonly text: string;
  readonly file: string;
  at: number;
}

export const SPACE = /[ \t\r\n]*/y;
export const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
export const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z.+-])/y;
/** Anything that looks like one word or number, so that an issue can quote it whole. */
export const WORD = /[A-Za-z_$][A-Za-z0-9_$]*|[+-]?[0-9.]+[0-9A-Za-z.+-]*|[+-][A-Za-z]+/y;

/** Reads on over what the sticky pattern matches here; undefined if it does not. */
export function match(cursor: JsonCursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

/** Reads on over one character, after space; false if another one stands there. */
export function take(cursor: JsonCursor, character: string): boolean {
  match(cursor, SPACE);
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at++;
  return true;
}

/** A string literal, or undefined if none starts here or it is not well-formed. */
export function matchString(cursor: JsonCursor): string | undefined {
  const start = cursor.at;
  const literal = match(cursor, STRING);
  if (literal === undefined) return undefined;
  try {
    return JSON.parse(literal) as string;
  } catch {
    cursor.at = start;
    return undefined;
  }
}

/** @throws InputError that quotes what stands here, with line and column, both from 1 */
export function failAt(cursor: JsonCursor, allowed: string): never {
  const { text, at, file } = cursor;
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  const column = at - before.lastIndexOf("\n");
  const found = match(cursor, WORD) ?? text.slice(at, at + 1);
  const hint = hintFor(found, before);
  const what = found === "" ? "the end of the file" : show(found);
  const issue = { pointer: "", found: `${what} at line ${line}, column ${column}`, allowed };
  throw new InputError(file, [hint === undefined ? issue : { ...issue, hint }]);
}

/** What people usually meant. */
function hintFor(found: string, before: string): string | undefined {
  if (found === "") return "the file is cut off";
  if (/^[+-]?(nan|inf|infinity)$/i.test(found)) return "JSON has no NaN and no infinity";
  if (found === "'") return "JSON strings stand in double quotes";
  if (found === "/" || found === "#") return 'JSON has no comments; use a "note" field';
  if (found === '"') return "a string without an end, with a line break or with a bad escape";
  if (/[\]}]/.test(found) && /,\s*$/.test(before)) return "remove the comma before the bracket";
  return undefined;
}

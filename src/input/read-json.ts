/**
 * JSON text -> value. Own parser, because `JSON.parse` keeps the last of two equal keys silently,
 * turns 1e999 into Infinity, and words its errors differently in each version of the engine.
 *
 * Iterative: the depth of a file cannot overflow the stack.
 */
import { InputError, type Issue } from "../model/issue.ts";
import { decodeText } from "./decode-text.ts";
import {
  failAt,
  type JsonCursor,
  match,
  matchString,
  NUMBER,
  SPACE,
  take,
  WORD,
} from "./json-cursor.ts";
import { appendToken } from "./wording.ts";

/** Deeper than any file of ours by far; keeps recursive readers of the value safe as well. */
const MAX_DEPTH = 256;

/** An array or object that has been opened and not yet closed. */
type Frame = {
  /** Key that the next value belongs to; objects only. */
  key: string;
} & (
  | { readonly kind: "array"; readonly value: unknown[] }
  | { readonly kind: "object"; readonly value: Record<string, unknown> }
);

/** What has been read so far: open containers, and issues that do not stop the reading. */
interface Parse extends JsonCursor {
  readonly stack: Frame[];
  readonly issues: Issue[];
}

/**
 * Reads one JSON file. A UTF-8 byte order mark and CRLF are fine.
 *
 * @throws InputError with every duplicate key and every number out of range, or with the first
 *   place where the text is no JSON
 */
export function readJson(bytes: Uint8Array, file: string): unknown {
  return parseJson(decodeText(bytes, file), file);
}

/**
 * Reads a file with one JSON value per line; empty lines are skipped.
 *
 * @throws InputError for the first line with an issue, named as `file:line`
 */
export function readJsonLines(bytes: Uint8Array, file: string): unknown[] {
  const values: unknown[] = [];
  decodeText(bytes, file)
    .split("\n")
    .forEach((line, i) => {
      if (line.trim() !== "") values.push(parseJson(line, `${file}:${i + 1}`));
    });
  return values;
}

/** Parses JSON text; `readJson` for bytes. */
export function parseJson(text: string, file: string): unknown {
  const parse: Parse = { text, file, at: 0, stack: [], issues: [] };
  const value = readDocument(parse);
  match(parse, SPACE);
  if (parse.at < text.length) failAt(parse, "the end of the file");
  if (parse.issues.length > 0) throw new InputError(file, parse.issues);
  return value;
}

function readDocument(parse: Parse): unknown {
  const { stack } = parse;
  for (;;) {
    match(parse, SPACE);
    const opened = open(parse);
    if (opened && !closesEmpty(parse, opened)) continue;
    let value: unknown = opened ? stack.pop()!.value : readScalar(parse);
    for (;;) {
      const frame = stack.at(-1);
      if (!frame) return value;
      store(frame, value);
      if (!closes(parse, frame)) break;
      value = stack.pop()!.value;
    }
  }
}

/** Opens the container that starts here, if one does. */
function open(parse: Parse): Frame | undefined {
  const bracket = parse.text[parse.at];
  if (bracket !== "{" && bracket !== "[") return undefined;
  if (parse.stack.length === MAX_DEPTH) {
    const allowed = `at most ${MAX_DEPTH} levels of nesting`;
    const pointer = `${here(parse).slice(0, 40)}...`;
    throw new InputError(parse.file, [{ pointer, found: "one level more", allowed }]);
  }
  parse.at++;
  const frame: Frame =
    bracket === "["
      ? { kind: "array", value: [], key: "" }
      : { kind: "object", value: {}, key: "" };
  parse.stack.push(frame);
  return frame;
}

/** After an opening bracket: does the container end at once? */
function closesEmpty(parse: Parse, frame: Frame): boolean {
  if (take(parse, frame.kind === "array" ? "]" : "}")) return true;
  if (frame.kind === "object") readKey(parse, frame);
  return false;
}

/** After a value: does the container end, or does another value follow? */
function closes(parse: Parse, frame: Frame): boolean {
  const bracket = frame.kind === "array" ? "]" : "}";
  if (take(parse, bracket)) return true;
  if (!take(parse, ",")) failAt(parse, `"," or "${bracket}"`);
  if (frame.kind === "object") readKey(parse, frame);
  return false;
}

function readKey(parse: Parse, frame: Frame): void {
  match(parse, SPACE);
  frame.key = matchString(parse) ?? failAt(parse, "a field name in double quotes");
  if (Object.hasOwn(frame.value, frame.key))
    parse.issues.push({
      pointer: here(parse),
      found: "a second field of that name",
      allowed: "each field once",
    });
  if (!take(parse, ":")) failAt(parse, '":"');
}

function store(frame: Frame, value: unknown): void {
  if (frame.kind === "array") frame.value.push(value);
  // An assignment would give `__proto__` its special meaning; here it is a field like any other.
  else if (frame.key === "__proto__")
    Object.defineProperty(frame.value, frame.key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  else frame.value[frame.key] = value;
}

/** Pointer of the value that is read next. */
function here({ stack }: Parse): string {
  return stack.reduce(
    (pointer, frame) =>
      appendToken(pointer, frame.kind === "array" ? frame.value.length : frame.key),
    "",
  );
}

const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function readScalar(parse: Parse): unknown {
  const string = matchString(parse);
  if (string !== undefined) return string;
  const number = match(parse, NUMBER);
  if (number !== undefined) return readNumber(parse, number);
  const start = parse.at;
  const word = match(parse, WORD) ?? "";
  if (CONSTANTS.has(word)) return CONSTANTS.get(word);
  parse.at = start;
  return failAt(parse, "a JSON value");
}

function readNumber(parse: Parse, literal: string): number {
  const value = Number(literal);
  if (!Number.isFinite(value))
    parse.issues.push({
      pointer: here(parse),
      found: literal.length > 60 ? `${literal.slice(0, 57)}...` : literal,
      allowed: "a number below 1.8e308 in size",
    });
  return value;
}

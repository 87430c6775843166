/**
 * JSON text -> value. Own parser, because `JSON.parse` keeps the last of two equal keys silently,
 * turns 1e999 into Infinity, and words its errors differently in each version of the engine.
 *
 * Iterative: the depth of a file cannot overflow the stack.
 */
import { InputError, type Issue } from "../model/issue.ts";
import { decodeText } from "./decode-text.ts";
import { appendToken, show } from "./wording.ts";

/** Deeper than any file of ours by far; keeps recursive readers of the value safe as well. */
const MAX_DEPTH = 256;

/** An array or object that has been opened and not yet closed. */
interface Frame {
  readonly value: unknown[] | Record<string, unknown>;
  readonly pointer: string;
  /** Key that the next value belongs to; objects only. */
  key: string;
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

const SPACE = /[ \t\r\n]*/y;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z.+-])/y;
const WORD = /[A-Za-z_$][A-Za-z0-9_$]*|[+-]?[0-9.]+[0-9A-Za-z.+-]*/y;
const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** Parses JSON text; `readJson` for bytes. */
export function parseJson(text: string, file: string): unknown {
  const issues: Issue[] = [];
  const stack: Frame[] = [];
  let at = 0;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const fail = (allowed: string): never => {
    throw new InputError(file, [syntaxIssue(text, at, allowed, WORD)]);
  };
  const pointerOf = (frame: Frame): string =>
    appendToken(frame.pointer, Array.isArray(frame.value) ? `${frame.value.length}` : frame.key);
  const here = (): string => {
    const top = stack.at(-1);
    return top ? pointerOf(top) : "";
  };

  const scalar = (): unknown => {
    const string = match(STRING);
    if (string !== undefined) return JSON.parse(string);
    const number = match(NUMBER);
    if (number !== undefined) {
      const value = Number(number);
      if (!Number.isFinite(value))
        issues.push({ pointer: here(), found: number, allowed: "a number below 1.8e308 in size" });
      return value;
    }
    const start = at;
    const word = match(WORD);
    if (word !== undefined && CONSTANTS.has(word)) return CONSTANTS.get(word);
    at = start;
    return fail("a JSON value");
  };

  const readKey = (frame: Frame): void => {
    match(SPACE);
    const string = match(STRING);
    if (string === undefined) return fail('a field name in double quotes, or "}"');
    frame.key = JSON.parse(string) as string;
    if (Object.hasOwn(frame.value, frame.key))
      issues.push({
        pointer: pointerOf(frame),
        found: "a second field of that name",
        allowed: "each field once",
      });
    match(SPACE);
    if (text[at] !== ":") fail('":"');
    at++;
  };

  const open = (): boolean => {
    const bracket = text[at];
    if (bracket !== "{" && bracket !== "[") return false;
    if (stack.length === MAX_DEPTH) {
      const pointer = here();
      throw new InputError(file, [
        {
          pointer: pointer.length > 80 ? `${pointer.slice(0, 77)}...` : pointer,
          found: `nesting deeper than ${MAX_DEPTH} levels`,
          allowed: `at most ${MAX_DEPTH} levels`,
        },
      ]);
    }
    stack.push({ value: bracket === "{" ? {} : [], pointer: here(), key: "" });
    at++;
    return true;
  };

  /** Puts a finished value where it belongs; true when it was the whole document. */
  const place = (value: unknown): boolean => {
    const top = stack.at(-1);
    if (!top) return true;
    if (Array.isArray(top.value)) top.value.push(value);
    // `__proto__` must become an ordinary field, so no assignment here.
    else
      Object.defineProperty(top.value, top.key, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    return false;
  };

  /** After an opening bracket: true if the container is closed at once. */
  const closesEmpty = (frame: Frame): boolean => {
    match(SPACE);
    const isArray = Array.isArray(frame.value);
    if (text[at] === (isArray ? "]" : "}")) {
      at++;
      return true;
    }
    if (!isArray) readKey(frame);
    return false;
  };

  /** After a value: false if another one follows, true if the container ends. */
  const closes = (frame: Frame): boolean => {
    match(SPACE);
    const isArray = Array.isArray(frame.value);
    const bracket = isArray ? "]" : "}";
    if (text[at] === ",") {
      at++;
      if (!isArray) readKey(frame);
      return false;
    }
    if (text[at] !== bracket) fail(`"," or "${bracket}"`);
    at++;
    return true;
  };

  const document = (): unknown => {
    for (;;) {
      match(SPACE);
      let value: unknown;
      if (open()) {
        const frame = stack.at(-1)!;
        if (!closesEmpty(frame)) continue;
        stack.pop();
        value = frame.value;
      } else value = scalar();
      for (;;) {
        if (place(value)) return value;
        const frame = stack.at(-1)!;
        if (!closes(frame)) break;
        stack.pop();
        value = frame.value;
      }
    }
  };

  const value = document();
  match(SPACE);
  if (at < text.length) fail("the end of the file");
  if (issues.length > 0) throw new InputError(file, issues);
  return value;
}

/** What stands at a place of the text, and what people usually meant by it. */
function syntaxIssue(text: string, at: number, allowed: string, word: RegExp): Issue {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  const column = at - before.lastIndexOf("\n");
  const place = `at line ${line}, column ${column}`;
  if (at >= text.length)
    return {
      pointer: "",
      found: `the end of the file ${place}`,
      allowed,
      hint: "the file is cut off",
    };
  word.lastIndex = at;
  const found = word.exec(text)?.[0] ?? String.fromCodePoint(text.codePointAt(at)!);
  const hint = hintFor(found, text, at);
  const issue = { pointer: "", found: `${show(found)} ${place}`, allowed };
  return hint === undefined ? issue : { ...issue, hint };
}

function hintFor(found: string, text: string, at: number): string | undefined {
  if (/^(NaN|[+-]?Infinity|nan|inf)$/.test(found)) return "JSON has no NaN and no infinity";
  if (found === "'") return "JSON strings stand in double quotes";
  if (found === "/" || found === "#") return 'JSON has no comments; use a "note" field';
  if (/[\]}]/.test(found) && /,\s*$/.test(text.slice(0, at)))
    return "remove the comma before the bracket";
  if (found === '"') return "a string with a line break, a bad escape or no end";
  return undefined;
}

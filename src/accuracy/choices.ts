/** Multiple choice: a context and several ways to go on, of which one is right. */
import { InputError, type Issue } from "../model/issue.ts";
import type { AnswerWindow } from "./answers.ts";
import { requireVocabulary } from "./text.ts";

export interface Choice {
  readonly context: string;
  readonly choices: readonly string[];
  /** Number of the right one. */
  readonly label: number;
}

/** What a log-probability is divided by before choices of different length are compared. */
export const CHOICE_NORMS = ["bytes", "tokens", "none"] as const;
export type ChoiceNorm = (typeof CHOICE_NORMS)[number];

const ALLOWED =
  'an object with the string "context", two or more different strings "choices", and "label", the number of the right one from 0';

/**
 * Parses JSON lines in the style of lm-evaluation-harness.
 *
 * @throws InputError naming every line that is not a choice
 */
export function parseChoices(file: string, jsonLines: string): readonly Choice[] {
  const issues: Issue[] = [];
  const choices: Choice[] = [];
  jsonLines.split("\n").forEach((line, i) => {
    if (line.trim() === "") return;
    const choice = parseLine(line);
    if (choice !== null) choices.push(choice);
    else {
      const shown = line.length > 60 ? `${line.slice(0, 60)}...` : line;
      issues.push({ pointer: "", found: `line ${i + 1}: ${shown}`, allowed: ALLOWED });
    }
  });
  if (issues.length === 0 && choices.length === 0)
    issues.push({ pointer: "", found: "no choice", allowed: "at least one" });
  if (issues.length > 0) throw new InputError(file, issues);
  return choices;
}

function parseLine(line: string): Choice | null {
  try {
    const { context, choices, label } = JSON.parse(line);
    const isText = (value: unknown): boolean => typeof value === "string" && value.trim() !== "";
    const fits =
      isText(context) &&
      Array.isArray(choices) &&
      choices.length >= 2 &&
      choices.every(isText) &&
      new Set(choices).size === choices.length &&
      Number.isInteger(label) &&
      label >= 0 &&
      label < choices.length;
    return fits ? { context, choices, label } : null;
  } catch {
    return null;
  }
}

/**
 * A window a choice: start token, context, a space, choice. Only tokens of the choice count: those
 * beyond as many as the context alone has.
 *
 * @param startId the tokenizer's `startId`
 * @source Gao et al., "A framework for few-shot language model evaluation" (lm-evaluation-harness):
 *   acc is `none`, acc_norm is `bytes`.
 */
export function choiceWindows(
  file: string,
  items: readonly Choice[],
  encode: (text: string) => Int32Array,
  startId: number,
  vocabulary_tokens: number,
  norm: ChoiceNorm,
): readonly AnswerWindow[] {
  const windows: AnswerWindow[] = [];
  let firstRow = 0;
  items.forEach(({ context, choices, label }, item) => {
    const head = encode(context.trimEnd()).length + 1;
    choices.forEach((choice, c) => {
      const text = choice.trim();
      const tokens = Int32Array.of(startId, ...encode(`${context.trimEnd()} ${text}`));
      requireVocabulary(file, tokens, vocabulary_tokens);
      const divisor = {
        bytes: new TextEncoder().encode(text).length,
        tokens: Math.max(1, tokens.length - head),
        none: 1,
      }[norm];
      const isRight = c === label;
      windows.push({ tokens, firstRow, item, isRight, firstCounted: head, divisor });
      firstRow += tokens.length;
    });
  });
  return windows;
}

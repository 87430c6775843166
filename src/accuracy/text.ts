/** Text as it is scored: prepared, encoded, cut into windows. */
import { InputError } from "../model/issue.ts";
import type { TokenWindow } from "../transformer/batch.ts";

/** Tokens of a window unless the user says otherwise: what the golden figures were made with. */
export const WINDOW_TOKENS = 256;

/**
 * Makes curly quotes straight and an em dash `--`, as in the texts that the shipped models were
 * trained on; nothing else changes.
 */
export function prepareText(text: string): string {
  return text
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/\u2014/g, "--");
}

/**
 * Cuts an encoded text into windows that do not overlap; what is left at its end is not used.
 *
 * In each window the second token up to the last are predicted, from those before them in the
 * window.
 *
 * @param name of the text, for messages
 * @param vocabulary_tokens of the model
 * @throws InputError if the text is shorter than one window, or encoded for another model
 */
export function windowsOf(
  name: string,
  ids: Int32Array,
  windowTokens: number,
  vocabulary_tokens: number,
): readonly TokenWindow[] {
  const count = Math.floor(ids.length / windowTokens);
  if (count === 0)
    throw new InputError(name, [
      {
        pointer: "",
        found: `a text of ${ids.length} tokens`,
        allowed: `at least one window of ${windowTokens} tokens`,
      },
    ]);
  requireVocabulary(name, ids, vocabulary_tokens);
  return Array.from({ length: count }, (_, w) => ({
    tokens: ids.slice(w * windowTokens, (w + 1) * windowTokens),
    firstRow: w * windowTokens,
  }));
}

/** @throws InputError if an id is not one of the model's */
export function requireVocabulary(name: string, ids: Int32Array, vocabulary_tokens: number): void {
  const stranger = ids.find((id) => id < 0 || id >= vocabulary_tokens);
  if (stranger === undefined) return;
  throw new InputError(name, [
    {
      pointer: "",
      found: `token ${stranger}`,
      allowed: `0 to ${vocabulary_tokens - 1}, the vocabulary of the model`,
      hint: "is the tokenizer that of the checkpoint?",
    },
  ]);
}

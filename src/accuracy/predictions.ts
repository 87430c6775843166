import type { TokenWindow } from "../transformer/batch.ts";
import type { Decoder } from "../transformer/decoder.ts";
import { type Hooks, NO_HOOKS } from "../transformer/hooks.ts";
import { type HeadPart, head } from "../transformer/model.ts";
import { type BatchResult, type RunMemory, runWindows } from "../transformer/run-windows.ts";

/** Rows that go through the LM head together: their logits stay in a cache. */
const HEAD_ROWS = 128;

/**
 * What a model says about one token of a text.
 *
 * @param window which window the token is in
 * @param target the token that is there
 * @param logits the model's logits for it, at logits[begin .. begin + vocabulary); a view that
 *   holds only during the call
 */
export type Visit = (window: number, target: number, logits: Float32Array, begin: number) => void;

/**
 * Runs all windows through a model, and visits every prediction, in the order of the text.
 *
 * @param memory of runs on the same windows, see `runWindows`
 */
export function forEachPrediction(
  decoder: Decoder,
  windows: readonly TokenWindow[],
  visit: Visit,
  hooks: Hooks = NO_HOOKS,
  memory: RunMemory | null = null,
): void {
  const finish = (result: BatchResult): void => visitBatch(decoder, result, visit, hooks);
  runWindows(decoder, windows, hooks, finish, memory);
}

/** The last step for one batch; apart, for runs that hold one layer at a time. */
export function visitBatch(
  part: HeadPart,
  { batch, hidden, firstWindow, space }: BatchResult,
  visit: Visit,
  hooks: Hooks = NO_HOOKS,
): void {
  const vocabulary = part.workload.vocabulary_tokens;
  const logits = new Float32Array(Math.min(HEAD_ROWS, batch.rows) * vocabulary);
  let window = 0;
  for (let begin = 0; begin < batch.rows; begin += HEAD_ROWS) {
    const end = Math.min(begin + HEAD_ROWS, batch.rows);
    head(part, batch, hidden, begin, end, logits, space, hooks);
    for (let row = begin; row < end; row++) {
      while (row >= batch.windowBegin[window + 1]!) window++;
      if (row + 1 === batch.windowBegin[window + 1]!) continue;
      visit(firstWindow + window, batch.tokens[row + 1]!, logits, (row - begin) * vocabulary);
    }
  }
}

/** How many tokens of the windows are predicted: all but the first of each. */
export const predictionsIn = (windows: readonly TokenWindow[]): number =>
  windows.reduce((sum, { tokens }) => sum + Math.max(0, tokens.length - 1), 0);

import { batchesOf, type TokenBatch, type TokenWindow } from "../transformer/batch.ts";
import type { Decoder } from "../transformer/decoder.ts";
import { type Hooks, NO_HOOKS } from "../transformer/hooks.ts";
import { type HeadPart, head, runModel } from "../transformer/model.ts";
import { createWorkspace, type Workspace } from "../transformer/workspace.ts";

/** Tokens that go through the model together, and through the LM head. Matters for speed only. */
const BATCH_ROWS = 1024;
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

/** Runs all windows through a model, and visits every prediction, in the order of the text. */
export function forEachPrediction(
  decoder: Decoder,
  windows: readonly TokenWindow[],
  visit: Visit,
  hooks: Hooks = NO_HOOKS,
): void {
  const longest = windows.reduce((most, { tokens }) => Math.max(most, tokens.length), 0);
  const batches = batchesOf(windows, BATCH_ROWS);
  const space = createWorkspace(decoder.workload, Math.max(longest, BATCH_ROWS), longest);
  let firstWindow = 0;
  for (const batch of batches) {
    const hidden = runModel(decoder, batch, space, hooks);
    visitBatch(decoder, batch, hidden, firstWindow, visit, space, hooks);
    firstWindow += batch.windowBegin.length - 1;
  }
}

/**
 * The last step for one batch, for runs that hold one layer at a time.
 *
 * @param hidden what the last layer made of the batch. [batch.rows][hidden]
 * @param firstWindow number of the first window of the batch
 */
export function visitBatch(
  part: HeadPart,
  batch: TokenBatch,
  hidden: Float32Array,
  firstWindow: number,
  visit: Visit,
  space: Workspace,
  hooks: Hooks = NO_HOOKS,
): void {
  const vocabulary = part.workload.vocabulary_tokens;
  const logits = new Float32Array(HEAD_ROWS * vocabulary);
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

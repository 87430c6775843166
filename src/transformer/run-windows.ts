import { batchesOf, type TokenBatch, type TokenWindow } from "./batch.ts";
import type { Decoder } from "./decoder.ts";
import { type Hooks, NO_HOOKS } from "./hooks.ts";
import { runModel } from "./model.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

/** Tokens that go through the model together: enough for each expert to have many. */
const BATCH_ROWS = 1024;

/** What the layers made of a batch. */
export interface BatchResult {
  readonly batch: TokenBatch;
  /** Residual stream before the final norm, [batch.rows][hidden]. */
  readonly hidden: Float32Array;
  /** Number of the first window of the batch. */
  readonly firstWindow: number;
  /** Free for use until the callback returns. */
  readonly space: Workspace;
}

/**
 * Runs windows through all layers, batch by batch, in their order.
 *
 * @param finish what to do with each batch; left out when only the hooks matter
 */
export function runWindows(
  decoder: Decoder,
  windows: readonly TokenWindow[],
  hooks: Hooks = NO_HOOKS,
  finish?: (result: BatchResult) => void,
): void {
  const longest = windows.reduce((most, { tokens }) => Math.max(most, tokens.length), 0);
  const batches = batchesOf(windows, BATCH_ROWS);
  const rows = batches.reduce((most, batch) => Math.max(most, batch.rows), 0);
  const space = createWorkspace(decoder.workload, rows, longest);
  let firstWindow = 0;
  for (const batch of batches) {
    const hidden = runModel(decoder, batch, space, hooks);
    finish?.({ batch, hidden, firstWindow, space });
    firstWindow += batch.windowBegin.length - 1;
  }
}

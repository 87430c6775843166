import { batchesOf, type TokenBatch, type TokenWindow } from "./batch.ts";
import type { Decoder } from "./decoder.ts";
import { type Hooks, NO_HOOKS } from "./hooks.ts";
import { runModel } from "./model.ts";
import { createTrail, runShared, type Trail } from "./shared-run.ts";
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

/** What runs of decoders of one model on the same windows leave to the next one. */
export interface RunMemory {
  space: Workspace | null;
  /** One a batch. */
  readonly trails: Trail[];
}

export const createRunMemory = (): RunMemory => ({ space: null, trails: [] });

/**
 * Runs windows through all layers, batch by batch, in their order.
 *
 * @param finish what to do with each batch; left out when only the hooks matter
 * @param memory of runs on the same windows, whose common beginnings are not computed again;
 *   null: none. Hooks would not see those, so there must be none
 */
export function runWindows(
  decoder: Decoder,
  windows: readonly TokenWindow[],
  hooks: Hooks = NO_HOOKS,
  finish?: (result: BatchResult) => void,
  memory: RunMemory | null = null,
): void {
  if (memory !== null && hooks !== NO_HOOKS) throw new Error("hooks on runs that are shared");
  const longest = windows.reduce((most, { tokens }) => Math.max(most, tokens.length), 0);
  const batches = batchesOf(windows, BATCH_ROWS);
  const rows = batches.reduce((most, batch) => Math.max(most, batch.rows), 0);
  const space = memory?.space ?? createWorkspace(decoder.workload, rows, longest, decoder.vectors);
  if (memory !== null) memory.space = space;
  let firstWindow = 0;
  batches.forEach((batch, b) => {
    const trail = memory && trailOf(memory, b);
    const hidden =
      trail === null
        ? runModel(decoder, batch, space, hooks)
        : runShared(trail, decoder, batch, space);
    finish?.({ batch, hidden, firstWindow, space });
    firstWindow += batch.windowBegin.length - 1;
  });
}

function trailOf({ trails }: RunMemory, batch: number): Trail {
  const trail = trails[batch] ?? createTrail();
  trails[batch] = trail;
  return trail;
}

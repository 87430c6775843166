import type { Workload } from "../model/workload.ts";
import type { FeedForward, GatedBlock } from "./decoder.ts";
import type { Hooks } from "./hooks.ts";
import { applyLinear } from "./linear.ts";
import { dispatch, routeTopK } from "./router.ts";
import type { Workspace } from "./workspace.ts";

/** What blocks made of inputs that they will see again: see `shared-run.ts`. */
export interface BlockMemory {
  /** null: not known. [rows][outputs] */
  readonly find: (block: GatedBlock) => Float32Array | null;
  /** @param y a view that holds only during the call */
  readonly keep: (block: GatedBlock, y: Float32Array) => void;
}

/**
 * Writes what the feed-forward part of a layer makes of `space.normed` into `space.added`.
 *
 * @param memory of outputs for the same `space.normed`; null: none
 */
export function feedForward(
  part: FeedForward,
  workload: Workload,
  layer: number,
  rows: number,
  rowIds: Uint32Array,
  space: Workspace,
  hooks: Hooks,
  memory: BlockMemory | null = null,
): void {
  if (part.kind === "dense") {
    gatedBlock(part.block, space.normed, rows, rowIds, space.added, space, hooks);
    return;
  }
  const { experts, active_experts: k } = workload.moe;
  const choices = rows * k;
  applyLinear(part.router, space.normed, rows, rowIds, space.routerLogits, hooks);
  routeTopK(space.routerLogits, rows, experts, k, space.chosen, space.gateWeights);
  hooks.onRouting?.(
    layer,
    rowIds.subarray(0, rows),
    space.chosen.subarray(0, choices),
    space.gateWeights.subarray(0, choices),
  );
  routedExperts(part.experts, k, rows, rowIds, space, hooks, memory);
  if (part.shared === null) return;
  const count = rows * workload.hidden_features;
  const y = sharedExpert(part.shared, rows, rowIds, count, space, hooks, memory);
  space.vectors.addTo(space.added, y, count);
}

/** @returns [rows][hidden], which may be in `space.down` */
function sharedExpert(
  block: GatedBlock,
  rows: number,
  rowIds: Uint32Array,
  count: number,
  space: Workspace,
  hooks: Hooks,
  memory: BlockMemory | null,
): Float32Array {
  const known = memory?.find(block);
  if (known) return known;
  gatedBlock(block, space.normed, rows, rowIds, space.down, space, hooks);
  memory?.keep(block, space.down.subarray(0, count));
  return space.down;
}

/**
 * added[row] = sum over the chosen experts of weight * expert(normed[row]).
 *
 * Every expert works on all its rows at once. A row's terms are added in the order of expert
 * numbers, so its result does not depend on the other rows.
 */
function routedExperts(
  experts: readonly GatedBlock[],
  k: number,
  rows: number,
  rowIds: Uint32Array,
  space: Workspace,
  hooks: Hooks,
  memory: BlockMemory | null,
): void {
  const { begin, slots } = space.dispatch;
  dispatch(space.chosen, rows * k, experts.length, space.dispatch);
  const width = experts[0]!.down.matrix.outputs;
  space.added.fill(0, 0, rows * width);
  for (let e = 0; e < experts.length; e++) {
    const first = begin[e]!;
    const count = begin[e + 1]! - first;
    if (count === 0) continue;
    const y = space.outputs.subarray(first * width, (first + count) * width);
    routedExpert(experts[e]!, k, first, count, rowIds, y, space, hooks, memory);
  }
  const { outputs, gateWeights, added, vectors } = space;
  vectors.addWeighted(outputs, slots, gateWeights, rows * k, k, width, added);
}

/** @param y [count][hidden], overwritten */
function routedExpert(
  block: GatedBlock,
  k: number,
  first: number,
  count: number,
  rowIds: Uint32Array,
  y: Float32Array,
  space: Workspace,
  hooks: Hooks,
  memory: BlockMemory | null,
): void {
  const known = memory?.find(block);
  if (known) {
    y.set(known);
    return;
  }
  gather(space, rowIds, space.dispatch.slots, first, count, k, block.gate.matrix.inputs);
  gatedBlock(block, space.gathered, count, space.gatheredIds, y, space, hooks);
  memory?.keep(block, y);
}

/** Copies the rows of an expert into `space.gathered`, their numbers into `space.gatheredIds`. */
export function gather(
  { normed, gathered, gatheredIds }: Workspace,
  rowIds: Uint32Array,
  slots: Int32Array,
  first: number,
  count: number,
  k: number,
  width: number,
): void {
  for (let i = 0; i < count; i++) {
    const row = Math.floor(slots[first + i]! / k);
    gatheredIds[i] = rowIds[row]!;
    gathered.set(normed.subarray(row * width, (row + 1) * width), i * width);
  }
}

/** y = down(silu(gate x) * up x); uses `space.gate` and `space.up`. */
function gatedBlock(
  block: GatedBlock,
  x: Float32Array,
  rows: number,
  rowIds: Uint32Array,
  y: Float32Array,
  space: Workspace,
  hooks: Hooks,
): void {
  applyLinear(block.gate, x, rows, rowIds, space.gate, hooks);
  applyLinear(block.up, x, rows, rowIds, space.up, hooks);
  space.vectors.swiglu(space.gate, space.up, rows * block.gate.matrix.outputs);
  applyLinear(block.down, space.gate, rows, rowIds, y, hooks);
}

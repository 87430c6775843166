/** Gradient of down(silu(gate x) * up x). */

import { reverseLinear } from "./backward-linear.ts";
import type { ReverseSpace } from "./backward-space.ts";
import type { ReverseTools } from "./backward-tools.ts";
import type { GatedBlock } from "./decoder.ts";
import { addTo, swiglu } from "./elementwise.ts";
import { expOfNegative } from "./exp.ts";
import { NO_HOOKS } from "./hooks.ts";
import { applyLinear } from "./linear.ts";

/** Fills `forward.gate`, `forward.up` and `held` of a block. */
export function gatedForward(
  { gate, up }: GatedBlock,
  x: Float32Array,
  rows: number,
  rowIds: Uint32Array,
  { forward, held }: ReverseSpace,
): void {
  applyLinear(gate, x, rows, rowIds, forward.gate, NO_HOOKS);
  applyLinear(up, x, rows, rowIds, forward.up, NO_HOOKS);
  const count = rows * gate.matrix.outputs;
  held.set(forward.gate.subarray(0, count));
  swiglu(held, forward.up, count);
}

/**
 * What `gatedForward` filled must still be there.
 *
 * @param dy [rows][hidden]
 * @param dx [rows][hidden], overwritten; `forward.added` is used on the way
 */
export function reverseGated(
  { gate, up, down }: GatedBlock,
  x: Float32Array,
  dy: Float32Array,
  rows: number,
  rowIds: Uint32Array,
  dx: Float32Array,
  { forward, held, dHeld, dGate, dUp }: ReverseSpace,
  tools: ReverseTools,
): void {
  reverseLinear(down.matrix, held, dy, rows, rowIds, dHeld, tools);
  reverseSwiglu(forward.gate, forward.up, dHeld, rows * gate.matrix.outputs, dGate, dUp);
  reverseLinear(gate.matrix, x, dGate, rows, rowIds, dx, tools);
  reverseLinear(up.matrix, x, dUp, rows, rowIds, forward.added, tools);
  addTo(dx, forward.added, rows * gate.matrix.inputs);
}

/** silu(g) = g s with s = sigmoid(g); its derivative is s + g s (1 - s). */
function reverseSwiglu(
  gate: Float32Array,
  up: Float32Array,
  dHeld: Float32Array,
  count: number,
  dGate: Float32Array,
  dUp: Float32Array,
): void {
  for (let i = 0; i < count; i++) {
    const g = gate[i]!;
    const e = expOfNegative(g < 0 ? g : -g);
    const s = (g < 0 ? e : 1) / (1 + e);
    dUp[i] = dHeld[i]! * g * s;
    dGate[i] = dHeld[i]! * up[i]! * (s + g * s * (1 - s));
  }
}

/** Gradient of the feed-forward part of a layer. */
import type { Workload } from "../model/workload.ts";
import { gatedForward, reverseGated } from "./backward-gated.ts";
import { reverseLinear } from "./backward-linear.ts";
import type { ReverseSpace } from "./backward-space.ts";
import type { ReverseTools } from "./backward-tools.ts";
import type { FeedForward, GatedBlock } from "./decoder.ts";
import { addTo } from "./elementwise.ts";
import { expOfNegative } from "./exp.ts";
import { gather } from "./feed-forward.ts";
import { NO_HOOKS } from "./hooks.ts";
import { applyLinear } from "./linear.ts";
import { dispatch, routeTopK } from "./router.ts";

type Moe = Extract<FeedForward, { readonly kind: "moe" }>;

/**
 * The way forward is computed again from `space.forward.normed`.
 *
 * @param dAdded dL/d(what the part adds to the residual stream). [rows][hidden]
 * Overwrites `space.dNormed`.
 */
export function reverseFeedForward(
  part: FeedForward,
  workload: Workload,
  rows: number,
  rowIds: Uint32Array,
  dAdded: Float32Array,
  space: ReverseSpace,
  tools: ReverseTools,
): void {
  const { normed } = space.forward;
  const { dNormed } = space;
  if (part.kind === "dense") {
    gatedForward(part.block, normed, rows, rowIds, space);
    reverseGated(part.block, normed, dAdded, rows, rowIds, dNormed, space, tools);
    return;
  }
  const count = rows * workload.hidden_features;
  dNormed.fill(0, 0, count);
  reverseExperts(part, workload, rows, rowIds, dAdded, space, tools);
  reverseRouter(part, workload, rows, rowIds, space, tools);
  if (part.shared === null) return;
  gatedForward(part.shared, normed, rows, rowIds, space);
  reverseGated(part.shared, normed, dAdded, rows, rowIds, space.dPart, space, tools);
  addTo(dNormed, space.dPart, count);
}

/** Routes again, and goes back through every expert; fills `space.dGateWeights`. */
function reverseExperts(
  { router, experts }: Moe,
  { moe, hidden_features: width }: Workload,
  rows: number,
  rowIds: Uint32Array,
  dAdded: Float32Array,
  space: ReverseSpace,
  tools: ReverseTools,
): void {
  const { forward } = space;
  const k = moe.active_experts;
  applyLinear(router, forward.normed, rows, rowIds, forward.routerLogits, NO_HOOKS);
  routeTopK(forward.routerLogits, rows, moe.experts, k, forward.chosen, forward.gateWeights);
  const { begin, slots } = forward.dispatch;
  dispatch(forward.chosen, rows * k, moe.experts, forward.dispatch);
  for (let e = 0; e < moe.experts; e++) {
    const chosenBy = slots.subarray(begin[e]!, begin[e + 1]!);
    if (chosenBy.length === 0) continue;
    gather(forward, rowIds, slots, begin[e]!, chosenBy.length, k, width);
    reverseExpert(experts[e]!, chosenBy, k, width, dAdded, space, tools);
  }
}

/** One expert, whose inputs are in `forward.gathered`. @param slots row * k + place of its choices */
function reverseExpert(
  expert: GatedBlock,
  slots: Int32Array,
  k: number,
  width: number,
  dAdded: Float32Array,
  space: ReverseSpace,
  tools: ReverseTools,
): void {
  const { forward, held, dDown, dPart, dNormed } = space;
  const { gathered, gatheredIds, down, gateWeights } = forward;
  const count = slots.length;
  gatedForward(expert, gathered, count, gatheredIds, space);
  applyLinear(expert.down, held, count, gatheredIds, down, NO_HOOKS);
  for (let i = 0; i < count; i++) {
    const slot = slots[i]!;
    const from = Math.floor(slot / k) * width;
    let along = 0;
    for (let c = 0; c < width; c++) {
      along += dAdded[from + c]! * down[i * width + c]!;
      dDown[i * width + c] = gateWeights[slot]! * dAdded[from + c]!;
    }
    space.dGateWeights[slot] = along;
  }
  reverseGated(expert, gathered, dDown, count, gatheredIds, dPart, space, tools);
  for (let i = 0; i < count; i++) {
    const to = Math.floor(slots[i]! / k) * width;
    for (let c = 0; c < width; c++) dNormed[to + c] = dNormed[to + c]! + dPart[i * width + c]!;
  }
}

/**
 * The gate weights are softmax probabilities p of the chosen experts:
 * dL/dlogit(e) = p(e) (dL/dp(e) if chosen - sum over the chosen of p dL/dp).
 *
 * Which experts are chosen does not change with small changes of the logits.
 */
function reverseRouter(
  { router }: Moe,
  { moe, hidden_features }: Workload,
  rows: number,
  rowIds: Uint32Array,
  { forward, dGateWeights, dRouterLogits, dPart, dNormed }: ReverseSpace,
  tools: ReverseTools,
): void {
  const { routerLogits, chosen, gateWeights, normed } = forward;
  const { experts, active_experts: k } = moe;
  for (let row = 0; row < rows; row++) {
    const first = row * k;
    let along = 0;
    for (let i = first; i < first + k; i++) along += gateWeights[i]! * dGateWeights[i]!;
    // ln p = logit - normaliser, the same for all experts of the row
    const best = routerLogits[row * experts + chosen[first]!]!;
    const pBest = gateWeights[first]!;
    for (let e = row * experts; e < (row + 1) * experts; e++)
      dRouterLogits[e] = -along * pBest * expOfNegative(routerLogits[e]! - best);
    for (let i = first; i < first + k; i++) {
      const at = row * experts + chosen[i]!;
      dRouterLogits[at] = dRouterLogits[at]! + gateWeights[i]! * dGateWeights[i]!;
    }
  }
  reverseLinear(router.matrix, normed, dRouterLogits, rows, rowIds, dPart, tools);
  addTo(dNormed, dPart, rows * hidden_features);
}

/**
 * The reverse pass of OLMoE and DeepSeekMoE decoders: how the log-likelihood of labels changes with
 * every input, output and weight of every matrix product.
 *
 * Going back, each layer is computed forward again from its input: memory holds one residual
 * stream a layer, and the inside of one layer.
 */
import type { Workload } from "../model/workload.ts";
import { reverseAttention } from "./backward-attention.ts";
import { reverseFeedForward } from "./backward-feed-forward.ts";
import {
  type LabelOf,
  type Likelihood,
  likelihoodOf,
  type ObjectiveSum,
  type RowObjective,
  reverseHead,
} from "./backward-head.ts";
import { reverseLinear } from "./backward-linear.ts";
import { reverseRmsNorm } from "./backward-norm.ts";
import type { ReverseSpace } from "./backward-space.ts";
import type { NormName, ReverseTools } from "./backward-tools.ts";
import type { TokenBatch } from "./batch.ts";
import type { Decoder, DecoderLayer } from "./decoder.ts";
import { addTo } from "./elementwise.ts";
import { NO_HOOKS } from "./hooks.ts";
import { applyLinear } from "./linear.ts";
import { embed, runLayer } from "./model.ts";
import { rmsNorm } from "./rms-norm.ts";
import { rotate } from "./rope.ts";
import { headAttention } from "./supported.ts";

export interface ReverseResult extends Likelihood {
  /** dL/d(embedding of each row). [batch.rows][hidden] */
  readonly embeddingGradient: Float32Array;
}

/**
 * Runs a batch forward and back; `tools.hooks` see the error signals.
 *
 * Windows do not see each other, so the gradient of a batch is the sum of those of its windows.
 */
export function reverseModel(
  decoder: Decoder,
  batch: TokenBatch,
  labelOf: LabelOf,
  space: ReverseSpace,
  tools: ReverseTools,
): ReverseResult {
  const objective = likelihoodOf(labelOf);
  const { sum, terms, ...rest } = reverseObjective(decoder, batch, objective, space, tools);
  return { ...rest, logLikelihood_nats: sum, labels: terms };
}

/**
 * The same of anything that can be said of the logits of a row.
 *
 * @param lowestLayer going back ends above it: below, no gradient is of use. The gradient of the
 *   embedding is there only with 0
 */
export function reverseObjective(
  decoder: Decoder,
  batch: TokenBatch,
  objective: RowObjective,
  space: ReverseSpace,
  tools: ReverseTools,
  lowestLayer = 0,
): ObjectiveSum & { readonly embeddingGradient: Float32Array } {
  const { workload, layers } = decoder;
  const hidden = new Float32Array(batch.rows * workload.hidden_features);
  embed(decoder.embedding, workload.hidden_features, batch, hidden);
  const before = layers.map((layer) => {
    const input = hidden.slice();
    runLayer(workload, layer, batch, hidden, space.forward);
    return input;
  });
  const gradient = new Float32Array(hidden.length);
  const total = reverseHead(decoder, batch, hidden, objective, gradient, space, tools);
  for (let i = layers.length - 1; i >= lowestLayer; i--)
    reverseLayer(workload, layers[i]!, batch, before[i]!, gradient, space, tools);
  return { ...total, embeddingGradient: gradient };
}

/**
 * One layer, for runs that hold one layer at a time.
 *
 * @param hidden the residual stream before the layer, [batch.rows][hidden]; left as it is
 * @param gradient dL/d(residual stream after the layer), replaced by that before it
 */
export function reverseLayer(
  workload: Workload,
  layer: DecoderLayer,
  batch: TokenBatch,
  hidden: Float32Array,
  gradient: Float32Array,
  space: ReverseSpace,
  tools: ReverseTools,
): void {
  const { rows, rowIds } = batch;
  const { forward, middle, dNormed } = space;
  const { epsilon } = workload.norm;
  const count = rows * workload.hidden_features;
  const backThrough = (name: NormName, weight: Float32Array, x: Float32Array): void => {
    const part = { name, layer: layer.index, weight, epsilon };
    reverseRmsNorm(x, dNormed, rows, part, dNormed, tools.hooks);
    addTo(gradient, dNormed, count);
  };
  attentionForward(workload, layer, batch, hidden, space);
  middle.set(hidden.subarray(0, count));
  addTo(middle, forward.added, count);
  rmsNorm(middle, rows, layer.norms.postAttention, epsilon, forward.normed);
  reverseFeedForward(layer.feedForward, workload, rows, rowIds, gradient, space, tools);
  backThrough("post-attention", layer.norms.postAttention, middle);
  rmsNorm(hidden, rows, layer.norms.input, epsilon, forward.normed);
  reverseSelfAttention(workload, layer, batch, gradient, space, tools);
  backThrough("input", layer.norms.input, hidden);
}

/** Attention of a layer again; keeps what the way back needs. */
function attentionForward(
  workload: Workload,
  { attention, norms }: DecoderLayer,
  { rows, rowIds, windowBegin }: TokenBatch,
  hidden: Float32Array,
  { forward, rawQ, rawK }: ReverseSpace,
): void {
  const { heads, kv_heads: kvHeads, head_features: headFeatures } = headAttention(workload);
  const { epsilon } = workload.norm;
  const { normed, q, k, v, attended, added, rotary } = forward;
  rmsNorm(hidden, rows, norms.input, epsilon, normed);
  applyLinear(attention.q, normed, rows, rowIds, rawQ, NO_HOOKS);
  applyLinear(attention.k, normed, rows, rowIds, rawK, NO_HOOKS);
  applyLinear(attention.v, normed, rows, rowIds, v, NO_HOOKS);
  q.set(rawQ);
  k.set(rawK);
  if (norms.q !== null) rmsNorm(q, rows, norms.q, epsilon, q);
  if (norms.k !== null) rmsNorm(k, rows, norms.k, epsilon, k);
  rotate(q, heads, windowBegin, rotary);
  rotate(k, kvHeads, windowBegin, rotary);
  attention.attend({ heads, kvHeads, headFeatures }, q, k, v, windowBegin, attended);
  applyLinear(attention.o, attended, rows, rowIds, added, NO_HOOKS);
}

/** Overwrites `space.dNormed`; `forward.normed` and what `attentionForward` kept are read. */
function reverseSelfAttention(
  workload: Workload,
  { attention, norms, index: layer }: DecoderLayer,
  { rows, rowIds, windowBegin }: TokenBatch,
  dAdded: Float32Array,
  space: ReverseSpace,
  tools: ReverseTools,
): void {
  const { heads, kv_heads: kvHeads, head_features: headFeatures } = headAttention(workload);
  const { epsilon } = workload.norm;
  const { forward, rawQ, rawK, dNormed, dPart, dAttended: dy, dQ: dq, dK: dk, dV: dv } = space;
  const { normed, q, k, v, attended } = forward;
  reverseLinear(attention.o.matrix, attended, dAdded, rows, rowIds, dy, tools);
  const shape = { heads, kvHeads, headFeatures };
  reverseAttention(shape, { q, k, v, dy, dq, dk, dv }, windowBegin, tools.multiply);
  rotate(dq, heads, windowBegin, space.unrotary);
  rotate(dk, kvHeads, windowBegin, space.unrotary);
  const backThrough = (
    name: NormName,
    weight: Float32Array | null,
    x: Float32Array,
    d: Float32Array,
  ) => {
    if (weight !== null)
      reverseRmsNorm(x, d, rows, { name, layer, weight, epsilon }, d, tools.hooks);
  };
  backThrough("q", norms.q, rawQ, dq);
  backThrough("k", norms.k, rawK, dk);
  const count = rows * workload.hidden_features;
  reverseLinear(attention.q.matrix, normed, dq, rows, rowIds, dNormed, tools);
  reverseLinear(attention.k.matrix, normed, dk, rows, rowIds, dPart, tools);
  addTo(dNormed, dPart, count);
  reverseLinear(attention.v.matrix, normed, dv, rows, rowIds, dPart, tools);
  addTo(dNormed, dPart, count);
}

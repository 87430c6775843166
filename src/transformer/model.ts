/**
 * The forward pass of OLMoE and DeepSeekMoE decoders.
 *
 * It is cut into `embed`, `runLayer` and `head`, so that a model which does not fit into memory can
 * be run layer by layer: all windows through one layer, then the next. `runModel` chains them.
 */
import type { Workload } from "../model/workload.ts";
import type { TokenBatch } from "./batch.ts";
import type { Decoder, DecoderLayer, Linear } from "./decoder.ts";
import { type BlockMemory, feedForward } from "./feed-forward.ts";
import { type Hooks, NO_HOOKS } from "./hooks.ts";
import { applyLinear } from "./linear.ts";
import { rotate } from "./rope.ts";
import { headAttention } from "./supported.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Looks up the embeddings of a batch.
 *
 * @param embedding [vocabulary][features]
 * @param hidden [batch.rows][features], overwritten
 */
export function embed(
  embedding: Float32Array,
  features: number,
  { tokens, rows }: TokenBatch,
  hidden: Float32Array,
): void {
  const vocabulary = embedding.length / features;
  for (let row = 0; row < rows; row++) {
    const token = tokens[row]!;
    if (token < 0 || token >= vocabulary)
      throw new Error(`token ${token} in a vocabulary of ${vocabulary}`);
    const begin = token * features;
    hidden.set(embedding.subarray(begin, begin + features), row * features);
  }
}

/**
 * One decoder layer: attention, then the feed-forward part, each behind a norm and added to what
 * came in.
 *
 * @param hidden [batch.rows][hidden], the residual stream, changed in place
 */
export function runLayer(
  workload: Workload,
  layer: DecoderLayer,
  batch: TokenBatch,
  hidden: Float32Array,
  space: Workspace,
  hooks: Hooks = NO_HOOKS,
): void {
  requireRoom(batch, space);
  runAttention(workload, layer, batch, hidden, space, hooks);
  runFeedForward(workload, layer, batch, hidden, space, hooks);
}

/** The first half of `runLayer`: attention. */
export function runAttention(
  workload: Workload,
  layer: DecoderLayer,
  batch: TokenBatch,
  hidden: Float32Array,
  space: Workspace,
  hooks: Hooks = NO_HOOKS,
): void {
  space.vectors.rmsNorm(hidden, batch.rows, layer.norms.input, workload.norm.epsilon, space.normed);
  selfAttention(workload, layer, batch, space, hooks);
  space.vectors.addTo(hidden, space.added, batch.rows * workload.hidden_features);
}

/**
 * The second half: the feed-forward part.
 *
 * @param memory outputs of blocks that saw the same inputs before
 */
export function runFeedForward(
  workload: Workload,
  layer: DecoderLayer,
  { rows, rowIds }: TokenBatch,
  hidden: Float32Array,
  space: Workspace,
  hooks: Hooks = NO_HOOKS,
  memory: BlockMemory | null = null,
): void {
  space.vectors.rmsNorm(
    hidden,
    rows,
    layer.norms.postAttention,
    workload.norm.epsilon,
    space.normed,
  );
  feedForward(layer.feedForward, workload, layer.index, rows, rowIds, space, hooks, memory);
  space.vectors.addTo(hidden, space.added, rows * workload.hidden_features);
}

/** Writes what attention makes of `space.normed` into `space.added`. */
function selfAttention(
  workload: Workload,
  { attention, norms }: DecoderLayer,
  { rows, rowIds, windowBegin }: TokenBatch,
  space: Workspace,
  hooks: Hooks,
): void {
  const { heads, kv_heads: kvHeads, head_features: headFeatures } = headAttention(workload);
  const { epsilon } = workload.norm;
  const { normed, q, k, v, attended, added } = space;
  applyLinear(attention.q, normed, rows, rowIds, q, hooks);
  applyLinear(attention.k, normed, rows, rowIds, k, hooks);
  applyLinear(attention.v, normed, rows, rowIds, v, hooks);
  if (norms.q !== null) space.vectors.rmsNorm(q, rows, norms.q, epsilon, q);
  if (norms.k !== null) space.vectors.rmsNorm(k, rows, norms.k, epsilon, k);
  rotate(q, heads, windowBegin, space.rotary);
  rotate(k, kvHeads, windowBegin, space.rotary);
  attention.attend({ heads, kvHeads, headFeatures }, q, k, v, windowBegin, attended);
  applyLinear(attention.o, attended, rows, rowIds, added, hooks);
}

/** What the last step needs of a decoder. */
export interface HeadPart {
  readonly workload: Workload;
  readonly finalNorm: Float32Array;
  readonly head: Linear;
}

/**
 * Final norm and LM head of some consecutive rows.
 *
 * Logits are long, so callers ask for as many rows at a time as they have room for.
 *
 * @param hidden [batch.rows][hidden], left as it is
 * @param logits [rowEnd - rowBegin][vocabulary], overwritten
 */
export function head(
  { workload, finalNorm, head: linear }: HeadPart,
  batch: TokenBatch,
  hidden: Float32Array,
  rowBegin: number,
  rowEnd: number,
  logits: Float32Array,
  space: Workspace,
  hooks: Hooks = NO_HOOKS,
): void {
  const rows = rowEnd - rowBegin;
  const features = workload.hidden_features;
  const input = hidden.subarray(rowBegin * features, rowEnd * features);
  space.vectors.rmsNorm(input, rows, finalNorm, workload.norm.epsilon, space.normed);
  const rowIds = batch.rowIds.subarray(rowBegin, rowEnd);
  applyLinear(linear, space.normed, rows, rowIds, logits, hooks);
}

/**
 * Runs a batch through all layers.
 *
 * @returns the residual stream before the final norm, [batch.rows][hidden]
 */
export function runModel(
  decoder: Decoder,
  batch: TokenBatch,
  space: Workspace,
  hooks: Hooks = NO_HOOKS,
): Float32Array {
  const { workload } = decoder;
  const hidden = new Float32Array(batch.rows * workload.hidden_features);
  embed(decoder.embedding, workload.hidden_features, batch, hidden);
  for (const layer of decoder.layers) runLayer(workload, layer, batch, hidden, space, hooks);
  return hidden;
}

/** The logits of every row, [batch.rows][vocabulary]: for short texts. */
export function logitsOf(
  decoder: Decoder,
  batch: TokenBatch,
  space: Workspace,
  hooks: Hooks = NO_HOOKS,
): Float32Array {
  const hidden = runModel(decoder, batch, space, hooks);
  const logits = new Float32Array(batch.rows * decoder.workload.vocabulary_tokens);
  head(decoder, batch, hidden, 0, batch.rows, logits, space, hooks);
  return logits;
}

/** @throws Error if the batch is larger than the workspace */
export function requireRoom({ rows, windowBegin }: TokenBatch, space: Workspace): void {
  if (rows > space.maxRows)
    throw new Error(`a batch of ${rows} rows in a workspace for ${space.maxRows}`);
  for (let w = 0; w + 1 < windowBegin.length; w++) {
    const tokens = windowBegin[w + 1]! - windowBegin[w]!;
    if (tokens > space.maxWindowTokens)
      throw new Error(`a window of ${tokens} tokens in a workspace for ${space.maxWindowTokens}`);
  }
}

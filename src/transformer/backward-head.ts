/** What is said of the logits, log-likelihood of labels say, and its way back through the LM head. */
import { reverseLinear } from "./backward-linear.ts";
import { reverseRmsNorm } from "./backward-norm.ts";
import type { ReverseSpace } from "./backward-space.ts";
import type { ReverseTools } from "./backward-tools.ts";
import type { TokenBatch } from "./batch.ts";
import { expOfNegative } from "./exp.ts";
import { type HeadPart, head } from "./model.ts";

/** Rows that go through the LM head together, so that their logits stay in a cache. */
const HEAD_ROWS = 128;

/** No label: the row says nothing. */
export const NO_LABEL = -1;

/**
 * What each row is to predict.
 *
 * @param row of the batch
 * @param probabilities the model's own, at probabilities[begin .. begin + vocabulary)
 * @returns a token, or NO_LABEL
 */
export type LabelOf = (
  row: number,
  probabilities: Float32Array,
  begin: number,
  vocabulary: number,
) => number;

/** The next token of the window; the last one has none. */
export function nextTokens({ tokens, windowBegin }: TokenBatch): LabelOf {
  const last = new Set(windowBegin.map((begin) => begin - 1));
  return (row) => (last.has(row) ? NO_LABEL : tokens[row + 1]!);
}

/**
 * What is differentiated, as a sum over rows: replaces the logits of a row, at
 * logits[begin .. begin + vocabulary), by the gradient of the row's term.
 *
 * @returns the term; null: the row has none, and its gradient is 0
 */
export type RowObjective = (
  row: number,
  logits: Float32Array,
  begin: number,
  vocabulary: number,
) => number | null;

export interface ObjectiveSum {
  readonly sum: number;
  /** Rows that have a term. */
  readonly terms: number;
}

export interface Likelihood {
  /** Sum of ln p(label). */
  readonly logLikelihood_nats: number;
  /** Rows that have a label. */
  readonly labels: number;
}

/** ln p(label) of every row that has one. */
export const likelihoodOf =
  (labelOf: LabelOf): RowObjective =>
  (row, logits, begin, vocabulary) =>
    logitGradient(logits, begin, vocabulary, row, labelOf);

/**
 * @param hidden residual stream before the final norm, [batch.rows][hidden]
 * @param gradient overwritten with dL/d(hidden)
 */
export function reverseHead(
  part: HeadPart,
  batch: TokenBatch,
  hidden: Float32Array,
  objective: RowObjective,
  gradient: Float32Array,
  { forward, dNormed }: ReverseSpace,
  tools: ReverseTools,
): ObjectiveSum {
  const { hidden_features: width, vocabulary_tokens: vocabulary, norm } = part.workload;
  const logits = new Float32Array(Math.min(HEAD_ROWS, batch.rows) * vocabulary);
  const finalNorm = { name: "final", layer: -1, weight: part.finalNorm, ...norm } as const;
  let sum = 0;
  let terms = 0;
  for (let begin = 0; begin < batch.rows; begin += HEAD_ROWS) {
    const end = Math.min(begin + HEAD_ROWS, batch.rows);
    const rows = end - begin;
    head(part, batch, hidden, begin, end, logits, forward);
    for (let row = begin; row < end; row++) {
      const term = objective(row, logits, (row - begin) * vocabulary, vocabulary);
      if (term === null) continue;
      sum += term;
      terms++;
    }
    const ids = batch.rowIds.subarray(begin, end);
    reverseLinear(part.head.matrix, forward.normed, logits, rows, ids, dNormed, tools);
    const [x, dx] = [hidden, gradient].map((a) => a.subarray(begin * width, end * width));
    reverseRmsNorm(x!, dNormed, rows, finalNorm, dx!, tools.hooks);
  }
  return { sum, terms };
}

/**
 * Replaces the logits of a row by the gradient of ln p(label): 1 at the label, minus p.
 *
 * @returns ln p(label); null where there is no label, and the gradient is 0
 */
function logitGradient(
  x: Float32Array,
  begin: number,
  count: number,
  row: number,
  labelOf: LabelOf,
): number | null {
  const end = begin + count;
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = begin; i < end; i++) if (x[i]! > largest) largest = x[i]!;
  let sum = 0;
  for (let i = begin; i < end; i++) {
    const e = expOfNegative(x[i]! - largest);
    x[i] = e;
    sum += e;
  }
  for (let i = begin; i < end; i++) x[i] = x[i]! / sum;
  const label = labelOf(row, x, begin, count);
  if (label === NO_LABEL) {
    x.fill(0, begin, end);
    return null;
  }
  const logP = Math.log(x[begin + label]!);
  for (let i = begin; i < end; i++) x[i] = -x[i]!;
  x[begin + label] = x[begin + label]! + 1;
  return logP;
}

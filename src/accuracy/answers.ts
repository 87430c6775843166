/** Tasks where a model prefers one of several texts: minimal pairs and multiple choice. */
import type { TokenWindow } from "../transformer/batch.ts";
import type { Decoder } from "../transformer/decoder.ts";
import { logSumExp } from "../transformer/log-probabilities.ts";
import { forEachPrediction, type Visit } from "./predictions.ts";

/** One text of an item; the texts of an item follow each other. */
export interface AnswerWindow extends TokenWindow {
  /** Which item of the task. */
  readonly item: number;
  readonly isRight: boolean;
  /** The first token whose log-probability counts; the one at 0 is not predicted. */
  readonly firstCounted: number;
  /** What the log-probability is divided by. */
  readonly divisor: number;
}

/** One evaluation of a task under one noise seed. */
export interface PairScore {
  readonly seed: number;
  /** Items: pairs, or questions. */
  readonly pairs: number;
  readonly correct: number;
}

/** Sums log-probabilities of the tokens that count, window by window, as they are visited. */
export function createSequenceTally(
  vocabulary: number,
  windows: readonly AnswerWindow[],
  normaliserOf: typeof logSumExp = logSumExp,
): { readonly visit: Visit; readonly sums: Float64Array } {
  const sums = new Float64Array(windows.length);
  const visited = new Int32Array(windows.length);
  return {
    sums,
    visit: (window, target, logits, begin) => {
      visited[window]!++;
      if (visited[window]! < windows[window]!.firstCounted) return;
      const logProbability = logits[begin + target]! - normaliserOf(logits, begin, vocabulary);
      sums[window] = sums[window]! + logProbability;
    },
  };
}

/**
 * Log-probability of each window: the sum over its tokens that count.
 *
 * @returns [windows], nats
 */
export function sequenceLogProbabilities(
  decoder: Decoder,
  windows: readonly AnswerWindow[],
): Float64Array {
  const tally = createSequenceTally(
    decoder.workload.vocabulary_tokens,
    windows,
    decoder.vectors?.logSumExp,
  );
  forEachPrediction(decoder, windows, tally.visit);
  return tally.sums;
}

/** @param windows of whole items */
export function scoreAnswers(
  decoder: Decoder,
  windows: readonly AnswerWindow[],
  seed: number,
): PairScore {
  return answerScore(windows, sequenceLogProbabilities(decoder, windows), seed);
}

/** An item is right when its right text has more log-probability, over its divisor, than the others. */
export function answerScore(
  windows: readonly AnswerWindow[],
  logProbabilities_nats: ArrayLike<number>,
  seed: number,
): PairScore {
  let [pairs, correct] = [0, 0];
  for (let begin = 0; begin < windows.length; ) {
    let end = begin;
    let [right, best] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (; windows[end]?.item === windows[begin]!.item; end++) {
      const value = logProbabilities_nats[end]! / windows[end]!.divisor;
      if (windows[end]!.isRight) right = value;
      else best = Math.max(best, value);
    }
    pairs++;
    if (right > best) correct++;
    begin = end;
  }
  return { seed, pairs, correct };
}

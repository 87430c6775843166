import type { TextScore } from "../model/evaluation.ts";
import type { VectorKernels } from "../numerics/engine.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import type { Decoder } from "../transformer/decoder.ts";
import type { Hooks } from "../transformer/hooks.ts";
import { logSumExp } from "../transformer/log-probabilities.ts";
import type { RunMemory } from "../transformer/run-windows.ts";
import { PLAIN_VECTORS } from "../transformer/vectors.ts";
import { isArgmax } from "./argmax.ts";
import { forEachPrediction, predictionsIn, type Visit } from "./predictions.ts";

export interface ScoreOptions {
  /** Seed of the noise that is in the decoder's projections; goes into the result. */
  readonly seed: number;
  /**
   * Log-probabilities of the all-digital model for the same windows, from `logProbabilities`;
   * left out: no KL divergence.
   */
  readonly reference?: Float32Array;
  readonly hooks?: Hooks;
  /** Of runs on the same windows, see `runWindows`; then there are no hooks. */
  readonly memory?: RunMemory;
}

/**
 * Scores one model, with the noise of one seed, on a text: a pure function, fit for a worker.
 *
 * A text may be split over several calls by windows; `mergeScores` adds the parts up.
 */
export function scoreWindows(
  decoder: Decoder,
  windows: readonly TokenWindow[],
  { seed, reference, hooks, memory }: ScoreOptions,
): TextScore {
  const { workload, vectors } = decoder;
  const tally = createTally(workload.vocabulary_tokens, seed, reference, vectors);
  forEachPrediction(decoder, windows, tally.visit, hooks, memory);
  return tally.score();
}

/**
 * Adds up predictions as they are visited.
 *
 * @param kernels the engine's; left out: those in TypeScript
 */
export function createTally(
  vocabulary: number,
  seed: number,
  reference?: Float32Array,
  kernels: Pick<VectorKernels, "logSumExp" | "klDivergence"> = PLAIN_VECTORS,
): { readonly visit: Visit; readonly score: () => TextScore } {
  let predictions = 0;
  let nll_sum_nats = 0;
  let correct = 0;
  let kl_sum_nats = 0;
  return {
    visit: (_window, target, logits, begin) => {
      const normaliser = kernels.logSumExp(logits, begin, vocabulary);
      nll_sum_nats += normaliser - logits[begin + target]!;
      if (isArgmax(logits, begin, vocabulary, target)) correct++;
      if (reference !== undefined) {
        const at = predictions * vocabulary;
        kl_sum_nats += kernels.klDivergence(reference, at, logits, begin, normaliser, vocabulary);
      }
      predictions++;
    },
    score: () => ({
      seed,
      predictions,
      nll_sum_nats,
      correct,
      kl_sum_nats: reference === undefined ? null : kl_sum_nats,
    }),
  };
}

/**
 * Log-probabilities of every word at every prediction: the reference of the KL divergence.
 *
 * 4 bytes x vocabulary for each prediction: 16 MB for a thousand tokens of a vocabulary of 4096.
 *
 * @param into [predictions][vocabulary], for shared memory; made if left out
 */
export function logProbabilities(
  decoder: Decoder,
  windows: readonly TokenWindow[],
  into?: Float32Array,
): Float32Array {
  const vocabulary = decoder.workload.vocabulary_tokens;
  const result = into ?? new Float32Array(predictionsIn(windows) * vocabulary);
  let at = 0;
  forEachPrediction(decoder, windows, (_window, _target, logits, begin) => {
    const normaliser = logSumExp(logits, begin, vocabulary);
    for (let i = 0; i < vocabulary; i++) result[at++] = logits[begin + i]! - normaliser;
  });
  return result;
}

/** The score of a text from the scores of its parts, under one seed. */
export function mergeScores(parts: readonly TextScore[]): TextScore {
  return parts.reduce((a, b) => ({
    seed: a.seed,
    predictions: a.predictions + b.predictions,
    nll_sum_nats: a.nll_sum_nats + b.nll_sum_nats,
    correct: a.correct + b.correct,
    kl_sum_nats:
      a.kl_sum_nats === null || b.kl_sum_nats === null ? null : a.kl_sum_nats + b.kl_sum_nats,
  }));
}

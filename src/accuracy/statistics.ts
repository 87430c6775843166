/** From scores under single noise seeds to means, standard errors and comparisons. */
import { deviation, mean } from "d3-array";
import type { AccuracyEvaluation, TextScore } from "../model/evaluation.ts";
import type { PairScore } from "./answers.ts";
import { twoSidedP } from "./student-t.ts";

/** Mean of a quantity over noise seeds, and the standard error of that mean. */
export interface Estimate {
  readonly mean: number;
  /** Sample standard deviation / sqrt(seeds); null for a single run. */
  readonly sem: number | null;
}

/** @param values one per noise seed, at least one */
export function estimate(values: readonly number[]): Estimate {
  const average = mean(values);
  if (average === undefined) throw new Error("no values to average");
  const spread = deviation(values);
  return { mean: average, sem: spread === undefined ? null : spread / Math.sqrt(values.length) };
}

const nll_nats = ({ nll_sum_nats, predictions }: TextScore): number => nll_sum_nats / predictions;

/**
 * Means over seeds and their standard errors over seeds; null for one deterministic run.
 *
 * The perplexity is exp(mean NLL), and its standard error that of the NLL times the perplexity (the
 * delta method: the derivative of exp is exp).
 *
 * The standard errors say how far another set of chips would differ on this text, not how far
 * another text would.
 *
 * @param scores of one placement on one text, one per seed
 */
export function evaluateText(scores: readonly TextScore[]): AccuracyEvaluation {
  const nll = estimate(scores.map(nll_nats));
  const accuracy = estimate(scores.map(({ correct, predictions }) => correct / predictions));
  const kl = scores.map(({ kl_sum_nats, predictions }) =>
    kl_sum_nats === null ? null : kl_sum_nats / predictions,
  );
  const perplexity = Math.exp(nll.mean);
  return {
    seeds: scores.length,
    predictions: scores[0]!.predictions,
    nll_nats: nll.mean,
    nll_sem_nats: nll.sem,
    perplexity,
    perplexity_sem: nll.sem === null ? null : nll.sem * perplexity,
    next_token_accuracy_frac: accuracy.mean,
    next_token_accuracy_sem: accuracy.sem,
    kl_nats: kl.every((value) => value !== null) ? estimate(kl).mean : null,
  };
}

/** Share of minimal pairs that are right, over seeds. */
export function evaluatePairs(scores: readonly PairScore[]): Estimate {
  return estimate(scores.map(({ correct, pairs }) => correct / pairs));
}

/** How much placement b differs from placement a under the same seeds. */
export interface PairedDifference {
  readonly seeds: number;
  /** Mean over seeds of b - a. */
  readonly mean: number;
  readonly sem: number | null;
  /** Two-sided, of a paired t test against "no difference"; null where it is not defined. */
  readonly pValue: number | null;
  /** Seeds that a paired t test at 5 % needs to find this difference in 80 of 100 studies. */
  readonly seedsNeeded: number | null;
}

/**
 * Compares two placements seed by seed: what a seed does to both cancels.
 *
 * @param a one value per seed; a deterministic placement is given once, and stands for every seed
 * @param b likewise, in the same order of seeds
 */
export function pairedDifference(a: readonly number[], b: readonly number[]): PairedDifference {
  const seeds = Math.max(a.length, b.length);
  const of = (values: readonly number[], seed: number): number =>
    values.length === 1 ? values[0]! : values[seed]!;
  if ([a, b].some(({ length }) => length !== seeds && length !== 1))
    throw new Error(`${a.length} and ${b.length} seeds cannot be paired`);
  const differences = Array.from({ length: seeds }, (_, i) => of(b, i) - of(a, i));
  const { mean: average, sem } = estimate(differences);
  return {
    seeds,
    mean: average,
    sem,
    pValue: sem === null || sem === 0 ? null : twoSidedP(average / sem, seeds - 1),
    seedsNeeded: sem === null ? null : seedsNeeded(average, sem * Math.sqrt(seeds)),
  };
}

/** The same for the mean NLL of texts, paired by the seeds that the scores carry. */
export function pairedNll(a: readonly TextScore[], b: readonly TextScore[]): PairedDifference {
  const isPaired =
    a.length === 1 || b.length === 1 || a.every(({ seed }, i) => seed === b[i]?.seed);
  if (!isPaired) throw new Error("scores of different seeds cannot be paired");
  return pairedDifference(a.map(nll_nats), b.map(nll_nats));
}

/** Normal quantiles of 1 - 5 % / 2 and of 80 %. */
const Z_SIGNIFICANCE = 1.959964;
const Z_POWER = 0.841621;
/** Above this, a difference is not worth telling apart. */
const MOST_SEEDS = 1e6;

/**
 * n = ((z_a + z_b) sigma / difference)^2 + z_a^2 / 2: the second term corrects for sigma being
 * estimated. Null when there is no difference, or more than a million seeds would be needed.
 *
 * @source Guenther, "Sample size formulas for normal theory t tests", American Statistician 35, 1981.
 */
export function seedsNeeded(difference: number, sigma: number): number | null {
  if (difference === 0) return null;
  const ratio = ((Z_SIGNIFICANCE + Z_POWER) * sigma) / difference;
  const seeds = Math.ceil(ratio * ratio + Z_SIGNIFICANCE ** 2 / 2);
  return seeds > MOST_SEEDS ? null : Math.max(2, seeds);
}

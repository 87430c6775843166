/** Accuracy on one scale for all tasks: 1 is the digital network, 0 is chance. */
import { type Estimate, estimate } from "../../accuracy/statistics.ts";

/** Ends of the scale; errors are shares of wrong answers, or NLL in nats. */
export interface ErrorScale {
  /** Of the digital network. */
  readonly digital: number;
  /** Of a network that knows nothing: 1 - 1/classes, or the unigram entropy of the text. */
  readonly chance: number;
}

/**
 * A* = 1 - (err - err_FP) / (err_chance - err_FP): negative below chance, above 1 where noise
 * happens to help.
 *
 * @throws Error if the digital network is no better than chance
 * @source Rasch et al., Nature Communications 14:5282 (2023).
 */
export function normalisedAccuracy(error: number, { digital, chance }: ErrorScale): number {
  if (!(chance > digital))
    throw new Error(`the digital network (${digital}) is no better than chance (${chance})`);
  return 1 - (error - digital) / (chance - digital);
}

/** A network is iso-accurate at A*(1 h) above this. @source the same. */
export const ISO_ACCURATE = 0.99;

/** Mean and standard error of A* over programmings of one network. */
export const normalisedEstimate = (errors: readonly number[], scale: ErrorScale): Estimate =>
  estimate(errors.map((error) => normalisedAccuracy(error, scale)));

/** Shares of the rise of a loss that a placement takes away. */
import { estimate } from "../../src/accuracy/statistics.ts";

/**
 * 1 - mean(b) / mean(a) in percent; the standard error is that of the ratio of paired means (delta
 * method): of the residuals b - ratio a, over the mean of a.
 */
export function removedShare(
  a: readonly number[],
  b: readonly number[],
): { readonly share: number; readonly sem: number } {
  const whole = estimate(a).mean;
  const ratio = estimate(b).mean / whole;
  const { sem } = estimate(a.map((value, i) => b[i]! - ratio * value));
  return { share: 100 * (1 - ratio), sem: (100 * (sem ?? 0)) / whole };
}

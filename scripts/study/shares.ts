/** Shares and ratios of the rises of a loss under different placements. */
import { estimate } from "../../src/accuracy/statistics.ts";

export interface WithError {
  readonly value: number;
  readonly sem: number;
}

/**
 * mean(b) / mean(a) over paired seeds; the standard error by the delta method: that of the residuals
 * b - ratio a, over the mean of a.
 */
export function pairedRatio(a: readonly number[], b: readonly number[]): WithError {
  const whole = estimate(a).mean;
  const value = estimate(b).mean / whole;
  const { sem } = estimate(a.map((own, i) => b[i]! - value * own));
  return { value, sem: Math.abs((sem ?? 0) / whole) };
}

/** 1 - mean(b) / mean(a) in percent. */
export function removedShare(
  a: readonly number[],
  b: readonly number[],
): { readonly share: number; readonly sem: number } {
  const { value, sem } = pairedRatio(a, b);
  return { share: 100 * (1 - value), sem: 100 * sem };
}

/** How many times as much of the rise a as placement b placement c removes. */
export const removedMultiple = (
  a: readonly number[],
  b: readonly number[],
  c: readonly number[],
): WithError =>
  pairedRatio(
    a.map((own, i) => own - b[i]!),
    a.map((own, i) => own - c[i]!),
  );

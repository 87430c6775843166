import { expOfNegative } from "./exp.ts";

/**
 * ln of the sum of e^x over x[begin .. begin + count): log-probabilities are x minus this.
 *
 * Taken relative to the largest x, so that nothing overflows; summed in float64.
 *
 * @throws Error if an x is not finite
 */
export function logSumExp(x: Float32Array, begin: number, count: number): number {
  const end = begin + count;
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = begin; i < end; i++) if (x[i]! > largest) largest = x[i]!;
  let sum = 0;
  for (let i = begin; i < end; i++) sum += expOfNegative(x[i]! - largest);
  const result = largest + Math.log(sum);
  if (!Number.isFinite(result)) throw new Error("a logit is not finite");
  return result;
}

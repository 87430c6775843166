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

/**
 * KL(p || q) = sum of p (ln p - ln q), in nats.
 *
 * @param logP log-probabilities of p, from `pBegin`
 * @param logits of q, from `qBegin`; ln q is logits - logNormaliser
 * @source Kullback and Leibler, "On Information and Sufficiency", 1951.
 */
export function klDivergence(
  logP: Float32Array,
  pBegin: number,
  logits: Float32Array,
  qBegin: number,
  logNormaliser: number,
  count: number,
): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const lnP = logP[pBegin + i]!;
    sum += expOfNegative(lnP) * (lnP - (logits[qBegin + i]! - logNormaliser));
  }
  return sum;
}

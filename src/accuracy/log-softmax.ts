import { expOfNegative } from "../transformer/exp.ts";

export { logSumExp } from "../transformer/log-sum-exp.ts";

/** Is x[begin + place] the largest, and of equals the first? `argmax(...) === place`, but sooner. */
export function isArgmax(x: Float32Array, begin: number, count: number, place: number): boolean {
  const at = begin + place;
  const own = x[at]!;
  for (let i = begin; i < at; i++) if (!(x[i]! < own)) return false;
  for (let i = at + 1; i < begin + count; i++) if (x[i]! > own) return false;
  return true;
}

/** Place of the largest x, counted from `begin`; of equals the first. */
export function argmax(x: Float32Array, begin: number, count: number): number {
  let best = begin;
  for (let i = begin + 1; i < begin + count; i++) if (x[i]! > x[best]!) best = i;
  return best - begin;
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

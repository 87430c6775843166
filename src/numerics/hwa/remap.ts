/** Rescaling of weights to full scale after a training step; the product with the scales stays. */
import { rowMaxima } from "./clip.ts";

export type WeightRemap = "LayerwiseSymmetric" | "ChannelwiseSymmetric";

/**
 * Divides weights by k = max |w| / wmax and multiplies the output scales by it: over all weights,
 * or row by row.
 *
 * @param weights [outputs][inputs]
 * @param scales [outputs]
 * @param wmax where the largest weight is put, > 0
 * @source AIHWKIT 1.1.0, WeightRemapParameter.
 */
export function remapWeights(
  weights: Float32Array,
  scales: Float32Array,
  type: WeightRemap,
  wmax = 1,
): { readonly weights: Float32Array; readonly scales: Float32Array } {
  const inputs = weights.length / scales.length;
  const maxima = rowMaxima(weights, inputs);
  if (type === "LayerwiseSymmetric") maxima.fill(maxima.reduce((a, b) => Math.max(a, b), 0));
  const factors = maxima.map((max) => (max > 0 ? max / wmax : 1));
  return {
    weights: weights.map((w, i) => w / factors[Math.floor(i / inputs)]!),
    scales: scales.map((scale, o) => scale * factors[o]!),
  };
}

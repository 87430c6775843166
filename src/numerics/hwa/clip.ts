/** Clipping of weights after a training step. */
import { standardDeviation } from "../calibrate.ts";
import { clip } from "../quantise.ts";

/** @source AIHWKIT 1.1.0, WeightClipParameter; names are its own. */
export type WeightClip =
  | { readonly type: "FixedValue"; readonly fixed_value: number }
  /** At sigma standard deviations of all weights, or of each row (output). */
  | {
      readonly type: "LayerGaussian" | "LayerGaussianPerChannel";
      readonly sigma: number;
      readonly fixed_value?: number;
    }
  /** At the mean over rows of the rows' largest weights. */
  | { readonly type: "AverageChannelMax"; readonly fixed_value?: number };

/**
 * Clips around zero; a fixed value > 0 is a cap on the bound.
 *
 * @param weights [outputs][inputs]
 */
export function clipWeights(weights: Float32Array, inputs: number, how: WeightClip): Float32Array {
  const cap =
    how.fixed_value !== undefined && how.fixed_value > 0
      ? how.fixed_value
      : Number.POSITIVE_INFINITY;
  if (how.type === "LayerGaussianPerChannel") {
    const out = weights.slice();
    for (let begin = 0; begin < out.length; begin += inputs) {
      const row = out.subarray(begin, begin + inputs);
      const bound = Math.min(how.sigma * standardDeviation(row), cap);
      row.set(row.map((w) => clip(w, bound)));
    }
    return out;
  }
  const bound = Math.min(boundOf(weights, inputs, how), cap);
  return weights.map((w) => clip(w, bound));
}

function boundOf(weights: Float32Array, inputs: number, how: WeightClip): number {
  if (how.type === "FixedValue") return Number.POSITIVE_INFINITY;
  if (how.type !== "AverageChannelMax") return how.sigma * standardDeviation(weights);
  const maxima = rowMaxima(weights, inputs);
  return maxima.reduce((a, b) => a + b, 0) / maxima.length;
}

/** Largest |w| of each row. @param weights [rows][inputs] */
export function rowMaxima(weights: Float32Array, inputs: number): Float32Array {
  return Float32Array.from({ length: weights.length / inputs }, (_, row) =>
    weights
      .subarray(row * inputs, (row + 1) * inputs)
      .reduce((max, w) => Math.max(max, Math.abs(w)), 0),
  );
}

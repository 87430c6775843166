/** Weights to conductances of one or more devices, and back. */

export interface Conductances {
  /** One array a device of a weight; of pairs, + before -, lowest significance first. uS. */
  readonly slices: readonly Float32Array[];
  /** uS per weight unit, over all slices with their significances; per row for `fusion`. */
  readonly scale: Float32Array;
  /** What the way back needs beside the conductances; the converter's own. */
  readonly memory: Float32Array;
}

export interface Converter {
  /** @param weights [rows][cols] */
  readonly toConductances: (weights: Float32Array, rows: number) => Conductances;
  /** The weights that (changed) conductances stand for. */
  readonly toWeights: (conductances: Conductances) => Float32Array;
}

/** Weights below it count as zero when the scale is chosen. */
export const SMALLEST_WEIGHT = 1e-7;

export function largestMagnitude(weights: Float32Array): number {
  let max = SMALLEST_WEIGHT;
  for (let i = 0; i < weights.length; i++) max = Math.max(max, Math.abs(weights[i]!));
  return max;
}

export const NO_MEMORY = new Float32Array(0);

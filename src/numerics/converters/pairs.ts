/** Differential pairs: one, or several of different significance. */
import { clamp } from "../devices/device.ts";
import { type Converter, largestMagnitude, NO_MEMORY } from "./converter.ts";

/**
 * A weight as the significance-weighted sum of differential pairs.
 *
 * k = sum(f) (g_max - g_min) / max |W|. The lowest significance is filled first: pair p holds what
 * of k |w| lies between the sum of the f (g_max - g_min) before it and that sum with its own.
 *
 * @param significances f, lowest first; one of 1 is a single pair
 * @source AIHWKIT SinglePair-, DualPair- and NPairConductanceConverter.
 */
export function pairConverter(
  significances: readonly number[],
  gMax_uS: number,
  gMin_uS: number,
): Converter {
  const span_uS = gMax_uS - gMin_uS;
  const total = significances.reduce((a, b) => a + b, 0);
  const held = (value_uS: number, below_uS: number, f: number): number =>
    clamp((Math.max(value_uS, 0) - below_uS) / f, 0, span_uS) + gMin_uS;
  return {
    toConductances: (weights) => {
      const k = (total * span_uS) / largestMagnitude(weights);
      let below_uS = 0;
      const slices = significances.flatMap((f) => {
        const from_uS = below_uS;
        below_uS += f * span_uS;
        return [
          weights.map((w) => held(k * w, from_uS, f)),
          weights.map((w) => held(-k * w, from_uS, f)),
        ];
      });
      return { slices, scale: Float32Array.of(k), memory: NO_MEMORY };
    },
    toWeights: ({ slices, scale }) =>
      Float32Array.from(pairSum(slices, significances), (g) => g / scale[0]!),
  };
}

/** sum over pairs of f (g+ - g-). */
export function pairSum(
  slices: readonly Float32Array[],
  significances: readonly number[],
): Float64Array {
  return Float64Array.from(slices[0]!, (_, i) =>
    significances.reduce((sum, f, p) => sum + f * (slices[2 * p]![i]! - slices[2 * p + 1]![i]!), 0),
  );
}

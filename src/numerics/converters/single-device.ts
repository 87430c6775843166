/** One device a weight: the smallest weight at g_min, the largest at g_max. */
import { type Converter, SMALLEST_WEIGHT } from "./converter.ts";

/** @source AIHWKIT SingleDeviceConductanceConverter. */
export function singleDeviceConverter(gMax_uS = 88.199997, gMin_uS = 9): Converter {
  return {
    toConductances: (weights) => {
      const min = weights.reduce((a, b) => Math.min(a, b), Infinity);
      const max = weights.reduce((a, b) => Math.max(a, b), -Infinity);
      const k = (gMax_uS - gMin_uS) / Math.max(max - min, SMALLEST_WEIGHT);
      return {
        slices: [weights.map((w) => (w - min) * k + gMin_uS)],
        scale: Float32Array.of(k),
        memory: Float32Array.of(min),
      };
    },
    toWeights: ({ slices, scale, memory }) =>
      slices[0]!.map((g) => (g - gMin_uS) / scale[0]! + memory[0]!),
  };
}

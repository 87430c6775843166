/** Dynamic input scaling: by what each vector is divided before the DAC. */
import type { IoParameters } from "./io-parameters.ts";

const f32 = Math.fround;

/** alpha of a vector. Stateful for AverageAbsMax: vectors count in the order of the calls. */
export type InputScale = (x: Float32Array) => number;

/** @param inputStep LSB of the DAC; 0: no rounding */
export function createInputScale(io: IoParameters, inputStep: number): InputScale {
  const capped = (value: number): number =>
    io.nm_thres > 0 ? Math.min(value, f32(io.nm_thres)) : value;
  switch (io.noise_management) {
    case "None":
      return () => 1;
    case "AbsMax":
      return (x) => capped(largestMagnitude(x));
    case "Max":
      return (x) => capped(x.reduce((a, b) => Math.max(a, b), -Infinity));
    case "Constant":
      return () => (io.nm_thres > 0 ? f32(io.nm_thres) : 1);
    case "AverageAbsMax":
      return averageAbsMax(io.nm_decay);
    case "AbsMaxNPSum":
      return (x) => Math.max(capped(largestMagnitude(x)), worstCaseScale(io, inputStep, x));
  }
}

/** Running mean of max |x|; the first vector sets it. */
function averageAbsMax(decay: number): InputScale {
  let mean = -1;
  return (x) => {
    const largest = largestMagnitude(x);
    mean = mean < 0 ? largest : f32(f32(mean * f32(1 - decay)) + f32(f32(decay) * largest));
    return mean;
  };
}

/**
 * Scale at which the larger of the positive and the negative sum, times an assumed weight, would
 * just reach the output bound; limited so that the inputs keep some of the DAC's resolution.
 *
 * @source AIHWKIT, noise management AbsMaxNPSum.
 */
export function worstCaseScale(io: IoParameters, inputStep: number, x: Float32Array): number {
  let positive = 0;
  let negative = 0;
  for (let k = 0; k < x.length; k++) {
    if (x[k]! > 0) positive += x[k]!;
    else negative -= x[k]!;
  }
  const bound = io.out_bound > 0 ? io.out_bound : 1;
  const scale = f32((Math.max(positive, negative) * f32(io.nm_assumed_wmax)) / bound);
  if (inputStep === 0) return scale;
  return Math.min(scale, f32((largestMagnitude(x) / inputStep) * io.max_bm_res));
}

export function largestMagnitude(x: Float32Array): number {
  let max = 0;
  for (let k = 0; k < x.length; k++) max = Math.max(max, Math.abs(x[k]!));
  return max;
}

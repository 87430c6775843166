/** From analog sums to ADC values. */
import { clip } from "../quantise.ts";
import type { Draws } from "./draws.ts";
import type { Instance } from "./instance.ts";
import type { IoParameters } from "./io-parameters.ts";
import { type Quantiser, roundToStep } from "./quantiser.ts";

/**
 * Nonlinearity, asymmetry, noise, ADC; in place.
 *
 * @returns was any output clipped that counts for bound management?
 */
export function outputStage(
  io: IoParameters,
  instance: Instance,
  adc: Quantiser,
  y: Float32Array,
  draws: Draws,
  turn: number,
): boolean {
  if (io.out_nonlinearity > 0 || io.r_series > 0) bend(io, instance.nonlinearity, y);
  if (io.out_asymmetry > 0)
    for (let o = 0; o < y.length; o++) if (y[o]! < 0) y[o] = y[o]! * (1 - io.out_asymmetry);
  const noise = io.out_noise > 0 ? draws.normals("output", y.length, turn) : null;
  const dither = io.out_sto_round ? draws.dithers("adc-rounding", y.length, turn) : null;
  let clipped = false;
  for (let o = 0; o < y.length; o++) {
    if (noise !== null) y[o] = y[o]! + instance.out_noise[o]! * noise[o]!;
    const code = roundToStep(y[o]!, adc.step, dither?.[o] ?? 0);
    if (code > adc.bound || (code < -adc.bound && io.bm_test_negative_bound)) clipped = true;
    y[o] = clip(code, adc.bound);
  }
  return clipped;
}

/**
 * S-shaped saturation F y / (1 + |n y|).
 *
 * @source AIHWKIT, out_nonlinearity and slope_calibration.
 */
function bend(io: IoParameters, strengths: Float32Array, y: Float32Array): void {
  const bound = io.out_bound > 0 ? io.out_bound : 1;
  const mean =
    io.out_nonlinearity > 0 ? strengths.reduce((a, b) => a + b, 0) / strengths.length : 0;
  const slope =
    io.slope_calibration > 0 ? (1 + (mean + io.r_series) * io.slope_calibration * bound) ** 2 : 1;
  for (let o = 0; o < y.length; o++) y[o] = (slope * y[o]!) / (1 + Math.abs(strengths[o]! * y[o]!));
}

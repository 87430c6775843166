/** A DAC or ADC: to the nearest grid point, then clipped. */
import { clip, roundHalfEven } from "../quantise.ts";

const f32 = Math.fround;

export interface Quantiser {
  /** Distance of grid points; 0: no rounding. */
  readonly step: number;
  /** Largest magnitude that gets through; Infinity: no clip. */
  readonly bound: number;
}

/**
 * The clip comes after rounding: the bound itself is delivered even where it is no grid point.
 *
 * @param resolution share of the full range 2 bound; > 1: its inverse; <= 0: no rounding
 * @param bound <= 0: none, and then no rounding either
 * @source AIHWKIT: LSB = res * 2 * bound.
 */
export function createQuantiser(resolution: number, bound: number): Quantiser {
  const limit = bound > 0 ? f32(bound) : Infinity;
  const share = f32(resolution > 1 ? 1 / f32(resolution) : resolution);
  const step = share > 0 && limit < Infinity ? f32(f32(share * 2) * limit) : 0;
  return { step, bound: limit };
}

/**
 * @param dither 0: ties to the even code. For stochastic rounding, uniform in -0.5..0.5.
 * @returns the grid point, not clipped
 */
export function roundToStep(value: number, step: number, dither = 0): number {
  return step > 0 ? f32(roundHalfEven(f32(f32(value / step) + dither)) * step) : value;
}

/** Rounds and clips. */
export function quantise(value: number, { step, bound }: Quantiser, dither = 0): number {
  return clip(roundToStep(value, step, dither), bound);
}

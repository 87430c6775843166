/** What the program knows of a memory device, as pure functions of conductance. */

/**
 * How a signed, normalised weight is held.
 *
 * - pair: two devices, one for each sign; the weight is the difference of their conductances.
 * - single: one device whose middle conductance stands for 0.
 * - signed: no devices apart; the noise model is given for the signed weight itself.
 */
export type Encoding = "pair" | "single" | "signed";

/** Conductances are in uS, for `signed` in the unit of the noise model. */
export interface DeviceModel {
  readonly encoding: Encoding;
  readonly gMin_uS: number;
  readonly gMax_uS: number;
  /** True if nothing random happens to the device: programming and ageing are the identity. */
  readonly exact: boolean;
  /** Standard deviation of programming, >= 0. */
  readonly programmingSigma_uS: (target_uS: number) => number;
  /** Conductance right after programming. @param z standard normal */
  readonly program: (target_uS: number, z: number) => number;
  /** Conductance at an age; `null`: the model knows of no ageing. */
  readonly ageing: ((age_s: number) => Ageing) | null;
  /** Constants of the float32 form, for devices that `pair-statistics.ts` covers. */
  readonly pairConstants?: (omega: number, age_s: number) => Float32Array;
}

/**
 * @param zDrift standard normal of the device's drift, the same at every age
 * @param zRead standard normal of the read
 */
export type Ageing = (
  target_uS: number,
  programmed_uS: number,
  zDrift: number,
  zRead: number,
) => number;

/** Factors on the three noises; 1 is as measured. */
export interface NoiseScales {
  readonly programming: number;
  readonly drift: number;
  readonly read: number;
}

export const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), high);

/** A polynomial, constant term first. */
export function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!;
  return sum;
}

/** Growth of 1/f noise with time: sqrt(ln((t + t_read) / (2 t_read))); 0 before that is positive. */
export function flickerGrowth(time_s: number, read_s: number): number {
  return Math.sqrt(Math.max(0, Math.log((time_s + read_s) / (2 * read_s))));
}

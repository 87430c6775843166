/** Mean and variance of what a device holds, by integrals over its random numbers: nothing is drawn. */
import type { Ageing, DeviceModel } from "../numerics/devices/device.ts";
import type { StuckFaults } from "../numerics/faults.ts";

export interface Moments {
  readonly mean: number;
  readonly variance: number;
}

/** Steps of an integral over a standard normal, and where it is cut: beyond is 1e-12 of it. */
const LIMIT = 7;
const PROGRAM_STEPS = 320;
/** Where three integrals are nested: programming has a kink, the others are smooth. */
const NESTED_STEPS = { program: 45, drift: 10, read: 9 } as const;
const NESTED_LIMIT = 4.5;

/** Points and weights of the trapezoidal rule; weights add up to 1. */
export function normalRule(steps: number, limit: number): readonly (readonly [number, number])[] {
  const points = Array.from({ length: steps + 1 }, (_, i) => limit * ((2 * i) / steps - 1));
  const density = points.map((z) => Math.exp((-z * z) / 2));
  const total = density.reduce((a, b) => a + b, 0);
  return points.map((z, i) => [z, density[i]! / total]);
}
const PROGRAM = normalRule(PROGRAM_STEPS, LIMIT);
const NESTED = {
  program: normalRule(NESTED_STEPS.program, NESTED_LIMIT),
  drift: normalRule(NESTED_STEPS.drift, NESTED_LIMIT),
  read: normalRule(NESTED_STEPS.read, NESTED_LIMIT),
};

/** Conductance right after programming. */
export function programmedMoments({ program }: DeviceModel, target_uS: number): Moments {
  let [first, second] = [0, 0];
  for (const [z, weight] of PROGRAM) {
    const error = program(target_uS, z) - target_uS;
    first += weight * error;
    second += weight * error * error;
  }
  return { mean: target_uS + first, variance: Math.max(0, second - first * first) };
}

/** Conductance at an age. */
export function agedMoments({ program }: DeviceModel, ageing: Ageing, target_uS: number): Moments {
  let [first, second] = [0, 0];
  for (const [z, ofProgram] of NESTED.program) {
    const written_uS = program(target_uS, z);
    for (const [zDrift, ofDrift] of NESTED.drift)
      for (const [zRead, ofRead] of NESTED.read) {
        const error = ageing(target_uS, written_uS, zDrift, zRead) - target_uS;
        const weight = ofProgram * ofDrift * ofRead;
        first += weight * error;
        second += weight * error * error;
      }
  }
  return { mean: target_uS + first, variance: Math.max(0, second - first * first) };
}

/** A device that is stuck at the lowest or the highest conductance with some probability. */
export function withFaults(
  { mean, variance }: Moments,
  faults: StuckFaults | undefined,
  { gMin_uS, gMax_uS }: DeviceModel,
): Moments {
  if (faults === undefined) return { mean, variance };
  const high = faults.stuck_frac * faults.stuck_at_max_frac;
  const low = faults.stuck_frac - high;
  const works = 1 - faults.stuck_frac;
  const mixed = works * mean + high * gMax_uS + low * gMin_uS;
  const spread = (at: number): number => (at - mixed) ** 2;
  return {
    mean: mixed,
    variance: works * (variance + spread(mean)) + high * spread(gMax_uS) + low * spread(gMin_uS),
  };
}

/** E|x| of a normal x. */
export function meanMagnitude({ mean, variance }: Moments): number {
  if (variance === 0) return Math.abs(mean);
  const sigma = Math.sqrt(variance);
  const density = Math.exp(-(mean * mean) / (2 * variance)) / Math.sqrt(2 * Math.PI);
  return 2 * sigma * density + mean * (2 * normalCdf(mean / sigma) - 1);
}

/**
 * Standard normal distribution function, to 1e-7.
 *
 * @source Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.2.17
 */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153];
  const tail =
    (series.reduce((sum, c) => (sum + c) * t, 0) * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
  return z < 0 ? tail : 1 - tail;
}

/** What all phase-change devices share: programming noise, power-law drift, 1/f read noise. */
import { type DeviceModel, flickerGrowth, type NoiseScales } from "./device.ts";

/** Statistics of one kind of device; q is conductance over the largest conductance. */
export interface PhaseChangeStatistics {
  readonly gMax_uS: number;
  /** Standard deviation of programming; a negative value counts as 0. */
  readonly programmingSigma_uS: (q: number) => number;
  /** Mean and spread of the drift exponent, from the target conductance. */
  readonly exponentMean: (q: number) => number;
  readonly exponentStd: (q: number) => number;
  /** Standard deviation of a read, before the growth with time; from the programmed conductance. */
  readonly readSigma_uS: (qProgrammed: number, drifted_uS: number) => number;
  /** Time between programming and the read that counts as age 0. */
  readonly t0_s: number;
  /** Duration of a read; 0: no growth with time is defined, and no read noise. */
  readonly read_s: number;
}

/** Drift exponent of a device: scale * |mean + std z|. */
export function driftExponent(
  s: PhaseChangeStatistics,
  target_uS: number,
  z: number,
  scale: number,
): number {
  const q = Math.abs(target_uS) / s.gMax_uS;
  return scale * Math.abs(s.exponentMean(q) + s.exponentStd(q) * z);
}

/**
 * The same device with drift exponents given at some conductances, linear between and constant
 * beyond them.
 *
 * @param g_uS rising
 * @source AIHWKIT CustomDriftPCMLikeNoiseModel.
 */
export function interpolatedExponents(
  s: PhaseChangeStatistics,
  g_uS: readonly number[],
  means: readonly number[],
  stds: readonly number[],
): PhaseChangeStatistics {
  return {
    ...s,
    exponentMean: (q) => interpolate(g_uS, means, q * s.gMax_uS),
    exponentStd: (q) => interpolate(g_uS, stds, q * s.gMax_uS),
  };
}

function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  const above = xs.findIndex((knot) => knot > x);
  if (above < 0) return ys.at(-1)!;
  if (above === 0) return ys[0]!;
  const share = (x - xs[above - 1]!) / (xs[above]! - xs[above - 1]!);
  return ys[above - 1]! + share * (ys[above]! - ys[above - 1]!);
}

/**
 * Programming noise max(0, g + sigma z), drift g (t/t0)^-nu, read noise max(0, g + sigma z).
 *
 * The age counts from the first read at t0 after programming: t = age + t0. Read noise grows as
 * sqrt(ln((t + t_read) / (2 t_read))).
 *
 * @source Nandakumar et al., "Phase-change memory models for deep learning training and
 *   inference", ICECS 2019; Joshi et al., Nature Communications 11, 2473 (2020); AIHWKIT.
 */
export function phaseChangeDevice(s: PhaseChangeStatistics, scales: NoiseScales): DeviceModel {
  const sigma = (target_uS: number): number =>
    scales.programming * Math.max(0, s.programmingSigma_uS(target_uS / s.gMax_uS));
  // Half of all devices have the target 0: their statistics are worth keeping.
  const zeroMean = s.exponentMean(0);
  const zeroStd = s.exponentStd(0);
  return {
    encoding: "pair",
    gMin_uS: 0,
    gMax_uS: s.gMax_uS,
    exact: false,
    programmingSigma_uS: sigma,
    program: (target_uS, z) => Math.max(0, target_uS + sigma(target_uS) * z),
    ageing: (age_s) => {
      const time_s = age_s + s.t0_s;
      const lnRatio = Math.log(time_s / s.t0_s);
      const growth = s.read_s > 0 ? scales.read * flickerGrowth(time_s, s.read_s) : 0;
      return (target_uS, programmed_uS, zDrift, zRead) => {
        if (programmed_uS === 0) return 0;
        const exponent =
          target_uS === 0
            ? scales.drift * Math.abs(zeroMean + zeroStd * zDrift)
            : driftExponent(s, target_uS, zDrift, scales.drift);
        const drifted_uS = programmed_uS * Math.exp(-exponent * lnRatio);
        if (growth === 0) return drifted_uS;
        const read = s.readSigma_uS(programmed_uS / s.gMax_uS, drifted_uS);
        return Math.max(0, drifted_uS + growth * read * zRead);
      };
    },
  };
}

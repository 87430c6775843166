/** The phase-change device of AIHWKIT's standard model. */
import { clamp, polynomial } from "./device.ts";
import type { PairStatistics } from "./pair-statistics.ts";
import type { PhaseChangeStatistics } from "./phase-change.ts";

const REFERENCE_G_MAX_US = 25;
/** Programming noise in uS over q = g/g_max, at g_max 25 uS. */
const PROGRAMMING_US = [0.26348, 1.965, -1.1731] as const;
/** Below it the logarithms of the drift statistics would leave every measured range. */
const SMALLEST_Q = 1e-7;
const MEAN = { slope: -0.0155, offset: 0.0244, low: 0.049, high: 0.1 } as const;
const STD = { slope: -0.0125, offset: -0.0059, low: 0.008, high: 0.045 } as const;
const READ = { factor: 0.0088, power: -0.65, cap: 0.2 } as const;
const T0_S = 20;
const READ_S = 250e-9;

const onRamp = ({ slope, offset, low, high }: typeof MEAN | typeof STD, q: number): number =>
  clamp(slope * Math.log(Math.max(q, SMALLEST_Q)) + offset, low, high);

/**
 * @source Nandakumar et al. 2019; AIHWKIT PCMLikeNoiseModel (Rasch et al., Nature Communications
 *   14, 5282, 2023). Joshi et al. have the target conductance in the read noise; AIHWKIT, and so
 *   this, the programmed one.
 */
export function pcmStatistics(gMax_uS = REFERENCE_G_MAX_US): PhaseChangeStatistics {
  return {
    gMax_uS,
    programmingSigma_uS: (q) => (polynomial(PROGRAMMING_US, q) * gMax_uS) / REFERENCE_G_MAX_US,
    exponentMean: (q) => onRamp(MEAN, q),
    exponentStd: (q) => onRamp(STD, q),
    readSigma_uS: (q, drifted_uS) =>
      Math.abs(drifted_uS) * Math.min(READ.cap, READ.factor * Math.abs(q) ** READ.power),
    t0_s: T0_S,
    read_s: READ_S,
  };
}

/** The same in the form that programming computes in float32. */
export function pcmPairs(gMax_uS = REFERENCE_G_MAX_US): PairStatistics {
  const [constant, linear, square] = PROGRAMMING_US;
  const scale = gMax_uS / REFERENCE_G_MAX_US;
  return {
    gMax_uS,
    programming_uS: [constant * scale, linear * scale, square * scale],
    exponentMean: MEAN,
    exponentStd: STD,
    read: READ,
    smallestQ: SMALLEST_Q,
    t0_s: T0_S,
    read_s: READ_S,
  };
}

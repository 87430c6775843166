/** The phase-change device of AIHWKIT's standard model. */
import { clamp, polynomial } from "./device.ts";
import type { PhaseChangeStatistics } from "./phase-change.ts";

const REFERENCE_G_MAX_US = 25;
/** Programming noise in uS over q = g/g_max, at g_max 25 uS. */
const PROGRAMMING_US = [0.26348, 1.965, -1.1731] as const;
/** Below it the logarithms of the drift statistics would leave every measured range. */
const SMALLEST_Q = 1e-7;
/** From here on the clamps hold, -0.0155 ln q + 0.0244 < 0.049 and so on: no logarithm is needed. */
const CONSTANT_MEAN_Q = 0.21;
const CONSTANT_STD_Q = 0.33;
/** Below it 0.0088 / q^0.65 is above its cap of 0.2. */
const NOISIEST_Q = (0.0088 / 0.2) ** (1 / 0.65);

const exponentMean = (q: number): number =>
  q > CONSTANT_MEAN_Q
    ? 0.049
    : clamp(-0.0155 * Math.log(Math.max(q, SMALLEST_Q)) + 0.0244, 0.049, 0.1);

const exponentStd = (q: number): number =>
  q > CONSTANT_STD_Q
    ? 0.008
    : clamp(-0.0125 * Math.log(Math.max(q, SMALLEST_Q)) - 0.0059, 0.008, 0.045);

/** min(0.2, 0.0088 / q^0.65); the power by exp and ln, which take half its time. */
const readNoise = (q: number): number =>
  q <= NOISIEST_Q ? 0.2 : 0.0088 * Math.exp(-0.65 * Math.log(q));

/**
 * @source Nandakumar et al. 2019; AIHWKIT PCMLikeNoiseModel (Rasch et al., Nature Communications
 *   14, 5282, 2023). Joshi et al. have the target conductance in the read noise; AIHWKIT, and so
 *   this, the programmed one.
 */
export function pcmStatistics(gMax_uS = REFERENCE_G_MAX_US): PhaseChangeStatistics {
  return {
    gMax_uS,
    programmingSigma_uS: (q) => (polynomial(PROGRAMMING_US, q) * gMax_uS) / REFERENCE_G_MAX_US,
    exponentMean,
    exponentStd,
    readSigma_uS: (q, drifted_uS) => Math.abs(drifted_uS) * readNoise(Math.abs(q)),
    t0_s: 20,
    read_s: 250e-9,
  };
}

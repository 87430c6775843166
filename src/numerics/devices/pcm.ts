/** The phase-change device of AIHWKIT's standard model. */
import { clamp, polynomial } from "./device.ts";
import type { PhaseChangeStatistics } from "./phase-change.ts";

const REFERENCE_G_MAX_US = 25;
/** Programming noise in uS over q = g/g_max, at g_max 25 uS. */
const PROGRAMMING_US = [0.26348, 1.965, -1.1731] as const;
/** Below it the logarithms of the drift statistics would leave every measured range. */
const SMALLEST_Q = 1e-7;

/**
 * @source Nandakumar et al. 2019; AIHWKIT PCMLikeNoiseModel (Rasch et al., Nature Communications
 *   14, 5282, 2023). Joshi et al. have the target conductance in the read noise; AIHWKIT, and so
 *   this, the programmed one.
 */
export function pcmStatistics(gMax_uS = REFERENCE_G_MAX_US): PhaseChangeStatistics {
  return {
    gMax_uS,
    programmingSigma_uS: (q) => (polynomial(PROGRAMMING_US, q) * gMax_uS) / REFERENCE_G_MAX_US,
    exponentMean: (q) => clamp(-0.0155 * Math.log(Math.max(q, SMALLEST_Q)) + 0.0244, 0.049, 0.1),
    exponentStd: (q) => clamp(-0.0125 * Math.log(Math.max(q, SMALLEST_Q)) - 0.0059, 0.008, 0.045),
    readSigma_uS: (q, drifted_uS) =>
      Math.abs(drifted_uS) * Math.min(0.0088 / Math.max(Math.abs(q) ** 0.65, 1e-3), 0.2),
    t0_s: 20,
    read_s: 250e-9,
  };
}

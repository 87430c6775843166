/** Noise and drift that do not depend on the conductance. */
import type { PhaseChangeStatistics } from "./phase-change.ts";

const REFERENCE_G_MAX_US = 25;

/**
 * Programming noise is 0.2 uS whatever g_max; exponents are 0.1 +- 0.05.
 *
 * @source AIHWKIT StateIndependentNoiseModel.
 */
export function stateIndependentStatistics(gMax_uS = REFERENCE_G_MAX_US): PhaseChangeStatistics {
  return {
    gMax_uS,
    programmingSigma_uS: () => 0.2,
    exponentMean: () => 0.1,
    exponentStd: () => 0.05,
    readSigma_uS: (_q, drifted_uS) => Math.abs(drifted_uS) / gMax_uS,
    t0_s: 20,
    read_s: 250e-9,
  };
}

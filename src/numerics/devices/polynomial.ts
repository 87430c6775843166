/** A device that a user describes: programming noise as a polynomial, and a drift exponent. */
import { polynomial } from "./device.ts";
import type { PhaseChangeStatistics } from "./phase-change.ts";

export function polynomialStatistics(spec: {
  readonly g_max_uS: number;
  readonly sigma_coefficients_uS: readonly number[];
  readonly drift_exponent_mean?: number;
  readonly drift_exponent_std?: number;
  readonly t0_s?: number;
}): PhaseChangeStatistics {
  const mean = spec.drift_exponent_mean ?? 0;
  const std = spec.drift_exponent_std ?? 0;
  return {
    gMax_uS: spec.g_max_uS,
    programmingSigma_uS: (q) => polynomial(spec.sigma_coefficients_uS, q),
    exponentMean: () => mean,
    exponentStd: () => std,
    readSigma_uS: () => 0,
    t0_s: spec.t0_s ?? 20,
    read_s: 0,
  };
}

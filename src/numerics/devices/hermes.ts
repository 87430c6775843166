/** Unit cells of IBM's 64-core HERMES chip: one or two phase-change devices a polarity. */
import { clamp, polynomial } from "./device.ts";
import type { PhaseChangeStatistics } from "./phase-change.ts";

/** Mean drift exponent; the same fit for both cells. */
const exponentMean = (q: number): number =>
  q < 0.0945
    ? clamp(-0.0387 * Math.log(q) - 0.0182, 0.072, 0.13)
    : polynomial([0.0736, -0.0126, -0.0436], q);

/**
 * @source Le Gallo et al., Nature Electronics 6, 680 (2023), as fitted in AIHWKIT's
 *   HermesNoiseModel(num_devices = 1).
 */
export const hermesOneDevice: PhaseChangeStatistics = {
  gMax_uS: 10.35,
  programmingSigma_uS: (q) => polynomial([0.15781817, 2.32443916, -2.16310839, 0.68841818], q),
  exponentMean,
  exponentStd: (q) =>
    q < 0.3039
      ? clamp(-0.012 * Math.log(q) - 0.0023, 0.0124, 0.04)
      : polynomial([0.0104, 0.0116, -0.0165], q),
  readSigma_uS: (q, drifted_uS) =>
    Math.abs(drifted_uS) *
    (q < 0.1591
      ? clamp(-0.0078 * Math.log(q) + 0.0038, 0.0179, 0.04)
      : polynomial([0.0088, 0.0768, -0.1352, 0.0664], q)),
  t0_s: 200,
  read_s: 512e-9,
};

/** @source as above, HermesNoiseModel(num_devices = 2). */
export const hermesTwoDevice: PhaseChangeStatistics = {
  gMax_uS: 20.7,
  programmingSigma_uS: (q) => polynomial([0.16603222, 4.71806468, -8.48101252, 4.68961419], q),
  exponentMean,
  exponentStd: (q) =>
    q < 0.3055
      ? clamp(-0.0117 * Math.log(q) - 0.0057, 0.0091, 0.04)
      : polynomial([0.0073, 0.0093, -0.0118], q),
  readSigma_uS: (q, drifted_uS) =>
    Math.abs(drifted_uS) *
    (q < 0.16
      ? clamp(-0.0117 * Math.log(q) - 0.0069, 0.015, 0.04)
      : polynomial([0.0123, 0.0211, -0.028, 0.0069], q)),
  t0_s: 300,
  read_s: 512e-9,
};

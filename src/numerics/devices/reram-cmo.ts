/** Resistive memory with a conductive-metal-oxide layer: one device a weight. */
import { clamp, type DeviceModel, flickerGrowth, type NoiseScales } from "./device.ts";

const G_MIN_US = 9;
const G_MAX_US = 88.199997;

/** Programming sigma = c0 + c1 g, by acceptance range of write-and-verify in % of the target. */
export const CMO_PROGRAMMING_US = {
  "0.2": [0.00081107, 0.00106879],
  "2": [0.0112185391, 0.01129027418],
} as const;

/** Relaxation per ln(t/s): mean; spread and its constant part, in uS. */
const RELAX_MEAN_US = -0.08900206;
const RELAX_STD_US = 0.04201137;
const RELAX_STD_CONSTANT_US = 0.41183342;
const READ_US = 0.0277316483;
const READ_S = 1e-6;

/**
 * Programming, then relaxation with ln t, then 1/f read noise, within g_min..g_max.
 *
 * The age counts from programming. The fit of the relaxation starts at 1 s: younger devices are
 * taken to be that old.
 *
 * @source Falcone et al., measurements of CMO/HfOx devices, as in AIHWKIT's ReRamCMONoiseModel.
 */
export function reramCmoDevice(
  scales: NoiseScales,
  programming_uS: readonly number[] = CMO_PROGRAMMING_US["0.2"],
): DeviceModel {
  const sigma = (target_uS: number): number =>
    scales.programming * (programming_uS[0]! + programming_uS[1]! * target_uS);
  return {
    encoding: "single",
    gMin_uS: G_MIN_US,
    gMax_uS: G_MAX_US,
    exact: false,
    programmingSigma_uS: sigma,
    program: (target_uS, z) => target_uS + sigma(target_uS) * z,
    ageing: (age_s) => {
      const lnAge = Math.log(Math.max(age_s, 1));
      const growth = scales.read * READ_US * flickerGrowth(age_s, READ_S);
      return (_target, programmed_uS, zDrift, zRead) => {
        const mean = programmed_uS + scales.drift * RELAX_MEAN_US * lnAge;
        const spread = RELAX_STD_US * lnAge + RELAX_STD_CONSTANT_US;
        const relaxed = mean + scales.drift * spread * zDrift;
        const read = growth * Math.log10(Math.max(relaxed, 1));
        return clamp(relaxed + read * zRead, G_MIN_US, G_MAX_US);
      };
    },
  };
}

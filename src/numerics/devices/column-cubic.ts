/** Programming noise of signed weights scaled to 180, measured on the HERMES chip. */
import type { DeviceModel, NoiseScales } from "./device.ts";
import { polynomial } from "./device.ts";

/** The largest weight of a column becomes this. */
const G_MAX = 180;
/** Where the fit for one-device programming ends and that for two devices begins. */
const BRANCH = 52.5;
const LOW = [2.57974, 0.2242, -3.7158e-3, 2.9398e-5] as const;
const HIGH = [2.1103, 0.245349, -3.05499e-3, 1.23298e-5] as const;
/** Smaller weights are left unprogrammed: exactly 0. */
const ZERO_BELOW = 0.6;

export const columnCubicSigma = (g: number): number =>
  polynomial(Math.abs(g) <= BRANCH ? LOW : HIGH, Math.abs(g));

/**
 * The noise is that of the difference of the devices, so it acts on the signed weight and may
 * change its sign. Nothing is known of drift here: the data are of one moment.
 *
 * @source Buechel et al., "Analog Foundation Models", 2025: published noise model, fitted to data
 *   of Le Gallo et al. 2023. Best candidate for the model of arXiv 2603.02633, Eq. 3.
 */
export function columnCubicDevice(scales: NoiseScales): DeviceModel {
  const sigma = (g: number): number =>
    Math.abs(g) < ZERO_BELOW ? 0 : scales.programming * columnCubicSigma(g);
  return {
    encoding: "signed",
    gMin_uS: 0,
    gMax_uS: G_MAX,
    exact: false,
    programmingSigma_uS: sigma,
    program: (target, z) => (Math.abs(target) < ZERO_BELOW ? 0 : target + sigma(target) * z),
    ageing: null,
  };
}

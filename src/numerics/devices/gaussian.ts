import type { DeviceModel, NoiseScales } from "./device.ts";

/** Weight error of one size, as a share of the largest weight of the scaling group; no drift. */
export function gaussianDevice(sigma_frac: number, scales: NoiseScales): DeviceModel {
  const sigma = scales.programming * sigma_frac;
  return {
    encoding: "signed",
    gMin_uS: 0,
    gMax_uS: 1,
    exact: sigma === 0,
    programmingSigma_uS: () => sigma,
    program: (target, z) => target + sigma * z,
    ageing: null,
  };
}

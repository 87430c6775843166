import type { DeviceNoise } from "../../model/device-noise.ts";
import { unreachable } from "../../units/exhaustive.ts";
import { columnCubicDevice } from "./column-cubic.ts";
import type { DeviceModel, NoiseScales } from "./device.ts";
import { gaussianDevice } from "./gaussian.ts";
import { hermesOneDevice, hermesTwoDevice } from "./hermes.ts";
import { idealDevice } from "./ideal.ts";
import { pcmStatistics } from "./pcm.ts";
import { phaseChangeDevice } from "./phase-change.ts";
import { polynomialStatistics } from "./polynomial.ts";
import { reramCmoDevice } from "./reram-cmo.ts";
import { reramWan2022Device } from "./reram-wan2022.ts";
import { stateIndependentStatistics } from "./state-independent.ts";

/**
 * The device model of an arch file.
 *
 * @param noiseScale multiplies the programming noise, on top of the file's own scale: `c` of
 *   arXiv 2603.02633
 */
export function deviceModel(spec: DeviceNoise, noiseScale = 1): DeviceModel {
  if (spec.kind === "ideal") return idealDevice;
  const scales: NoiseScales = {
    programming: noiseScale * (spec.programming_scale ?? 1),
    drift: spec.drift_scale ?? 1,
    read: spec.read_scale ?? 1,
  };
  switch (spec.kind) {
    case "pcm":
      return phaseChangeDevice(pcmStatistics(spec.g_max_uS), scales);
    case "hermes-1-device":
      return phaseChangeDevice(hermesOneDevice, scales);
    case "hermes-2-device":
      return phaseChangeDevice(hermesTwoDevice, scales);
    case "pcm-column-cubic":
      return columnCubicDevice(scales);
    case "state-independent":
      return phaseChangeDevice(stateIndependentStatistics(spec.g_max_uS), scales);
    case "reram-wan2022":
      return reramWan2022Device(scales, spec.g_max_uS);
    case "reram-cmo":
      return reramCmoDevice(scales);
    case "gaussian":
      return gaussianDevice(spec.sigma_frac, scales);
    case "polynomial":
      return phaseChangeDevice(polynomialStatistics(spec), scales);
    default:
      return unreachable(spec);
  }
}

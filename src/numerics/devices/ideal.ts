import type { DeviceModel } from "./device.ts";

/** Devices that keep exactly what they are told. */
export const idealDevice: DeviceModel = {
  encoding: "signed",
  gMin_uS: 0,
  gMax_uS: 1,
  exact: true,
  programmingSigma_uS: () => 0,
  program: (target) => target,
  ageing: null,
};

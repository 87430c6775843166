import type { DeviceNoise } from "../../model/device-noise.ts";
import { columnCubicDevice } from "./column-cubic.ts";
import type { DeviceModel, NoiseScales } from "./device.ts";
import { gaussianDevice } from "./gaussian.ts";
import { hermesOneDevice, hermesTwoDevice } from "./hermes.ts";
import { idealDevice } from "./ideal.ts";
import { pairDevice } from "./pair-statistics.ts";
import { pcmPairs } from "./pcm.ts";
import { phaseChangeDevice } from "./phase-change.ts";
import { polynomialStatistics } from "./polynomial.ts";
import { reramCmoDevice } from "./reram-cmo.ts";
import { reramWan2022Device } from "./reram-wan2022.ts";
import { stateIndependentStatistics } from "./state-independent.ts";

type Spec<K extends DeviceNoise["kind"]> = Extract<DeviceNoise, { readonly kind: K }>;

/** A kind of device: what people read of it, and its model. */
interface DeviceKind<S> {
  readonly summary: string;
  readonly create: (spec: S, scales: NoiseScales) => DeviceModel;
}

/** Every kind. The key is the name in JSON and in reports. */
export const devices = {
  ideal: {
    summary: "devices that keep exactly what they are told",
    create: () => idealDevice,
  },
  pcm: {
    summary: "phase-change memory, AIHWKIT's standard model: programming noise, drift, 1/f noise",
    create: (spec, scales) => pairDevice(pcmPairs(spec.g_max_uS), scales),
  },
  "hermes-1-device": {
    summary: "unit cell of the HERMES chip with one phase-change device a polarity",
    create: (_spec, scales) => phaseChangeDevice(hermesOneDevice, scales),
  },
  "hermes-2-device": {
    summary: "unit cell of the HERMES chip with two phase-change devices a polarity",
    create: (_spec, scales) => phaseChangeDevice(hermesTwoDevice, scales),
  },
  "pcm-column-cubic": {
    summary: "programming noise of signed weights, a cubic per column maximum; no drift",
    create: (_spec, scales) => columnCubicDevice(scales),
  },
  "state-independent": {
    summary: "programming noise and drift exponents that do not depend on the conductance",
    create: (spec, scales) => phaseChangeDevice(stateIndependentStatistics(spec.g_max_uS), scales),
  },
  "reram-wan2022": {
    summary: "resistive memory, spread at 1 s, 1 day and 2 days after programming",
    create: (spec, scales) => reramWan2022Device(scales, spec.g_max_uS),
  },
  "reram-cmo": {
    summary: "resistive memory with a conductive-metal-oxide layer, one device a weight",
    create: (_spec, scales) => reramCmoDevice(scales),
  },
  gaussian: {
    summary: "weight error of one size, as a share of the largest weight; no drift",
    create: (spec, scales) => gaussianDevice(spec.sigma_frac, scales),
  },
  polynomial: {
    summary: "programming noise as a polynomial of one's own, and a drift exponent",
    create: (spec, scales) => phaseChangeDevice(polynomialStatistics(spec), scales),
  },
} as const satisfies { readonly [K in DeviceNoise["kind"]]: DeviceKind<Spec<K>> };

/**
 * The device model of an arch file.
 *
 * @param noiseScale multiplies the programming noise, on top of the file's own scale: `c` of
 *   arXiv 2603.02633
 */
export function deviceModel(spec: DeviceNoise, noiseScale = 1): DeviceModel {
  // The table's type pairs each kind with its own spec; indexing by the union loses the pairing.
  const { create } = devices[spec.kind] as DeviceKind<DeviceNoise>;
  return create(spec, scalesOf(spec, noiseScale));
}

function scalesOf(spec: DeviceNoise, noiseScale: number): NoiseScales {
  if (spec.kind === "ideal") return { programming: 0, drift: 0, read: 0 };
  return {
    programming: noiseScale * (spec.programming_scale ?? 1),
    drift: spec.drift_scale ?? 1,
    read: spec.read_scale ?? 1,
  };
}

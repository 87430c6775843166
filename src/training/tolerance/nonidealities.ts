/** Each nonideality as a knob of a kind of tile. */
import type { AnalogTile } from "../../model/arch.ts";
import type { DeviceNoise } from "../../model/device-noise.ts";
import type { PeripheryOptions } from "../../model/periphery.ts";
import type { SearchAxis } from "./search.ts";

export interface Nonideality {
  readonly what: string;
  /** In units of what the value is. */
  readonly unit: string;
  readonly axis: SearchAxis;
  /** The tile with that value and nothing else changed; null: its devices have no such thing. */
  readonly apply: (tile: AnalogTile, value: number) => AnalogTile | null;
}

type Numerics = AnalogTile["numerics"];

const withNumerics = (tile: AnalogTile, more: Partial<Numerics>): AnalogTile => ({
  ...tile,
  numerics: { ...tile.numerics, ...more },
});

const SOURCE = { source: "Varied by the sensitivity analysis", evidence: "assumed" } as const;

const withPeriphery = (tile: AnalogTile, more: Partial<PeripheryOptions>): AnalogTile =>
  withNumerics(tile, { periphery: { ...SOURCE, ...tile.numerics.periphery, ...more } });

type Scale = "programming_scale" | "drift_scale" | "read_scale";

function withDevices(tile: AnalogTile, scales: Partial<Record<Scale, number>>): AnalogTile | null {
  const { devices } = tile.numerics;
  if (devices.kind === "ideal") return null;
  return withNumerics(tile, { devices: { ...devices, ...scales } as DeviceNoise });
}

const withFaults = (tile: AnalogTile, stuck_frac: number, stuck_at_max_frac: number) =>
  withNumerics(tile, { faults: { ...SOURCE, cluster_cells: 1, stuck_frac, stuck_at_max_frac } });

const scale = (name: Scale) => (tile: AnalogTile, value: number) =>
  withDevices(tile, { [name]: value });

/**
 * Wire over device conductance where the tile has none: 0.35 Ohm a cell, 5 uS.
 *
 * @source AIHWKIT 1.1.0, IOParameters.ir_drop_g_ratio.
 */
const CONDUCTANCE_RATIO = 1 / (0.35 * 5e-6);

const log = (start: number, mildest: number, harshest: number): SearchAxis => ({
  start,
  mildest,
  harshest,
  whole: false,
});
const BITS: SearchAxis = { start: 6, mildest: 14, harshest: 2, whole: true };

/** Every nonideality whose tolerance is sought. The order is that of the tables. */
export const NONIDEALITIES = {
  dac_bits: {
    what: "resolution of the inputs",
    unit: "bits",
    axis: BITS,
    apply: (tile, bits) => ({ ...tile, input: { ...tile.input, bits, bits_per_phase: bits } }),
  },
  adc_bits: {
    what: "resolution of the outputs",
    unit: "bits",
    axis: BITS,
    apply: (tile, bits) => ({ ...tile, output: { ...tile.output, bits } }),
  },
  input_noise: {
    what: "noise after the DAC",
    unit: "of the input range",
    axis: log(0.02, 1e-4, 4),
    apply: (tile, std) => withPeriphery(tile, { input_noise_std: std }),
  },
  output_noise: {
    what: "noise before the ADC",
    unit: "of the input range x the largest weight",
    axis: log(0.16, 1e-3, 40),
    apply: (tile, std) => withNumerics(tile, { output_noise: { ...SOURCE, std } }),
  },
  s_shape: {
    what: "saturation of the outputs",
    unit: "n of y / (1 + n |y| / bound)",
    axis: log(0.25, 1e-3, 1000),
    apply: (tile, factor) => withPeriphery(tile, { nonlinearity_factor: factor }),
  },
  ir_drop: {
    what: "voltage lost along the wires",
    unit: "times 0.35 Ohm a cell",
    axis: log(4, 1e-2, 1000),
    apply: (tile, value) =>
      withNumerics(tile, {
        ir_drop: {
          ...SOURCE,
          conductance_ratio: tile.numerics.ir_drop?.conductance_ratio ?? CONDUCTANCE_RATIO,
          scale: value,
        },
      }),
  },
  read_noise: {
    what: "short-term noise of the weights, anew at each read",
    unit: "of the largest weight",
    axis: log(0.07, 1e-3, 20),
    apply: (tile, std) => withNumerics(tile, { read_noise: { ...SOURCE, std } }),
  },
  programming_noise: {
    what: "error of the programmed weights",
    unit: "times that of the devices",
    axis: log(2, 0.02, 100),
    apply: scale("programming_scale"),
  },
  drift: {
    what: "drift exponents, mean and spread, after 1 hour and compensation",
    unit: "times those of the devices",
    axis: log(2, 0.02, 100),
    apply: scale("drift_scale"),
  },
  accumulated_read_noise: {
    what: "1/f noise of the weights since programming, after 1 hour",
    unit: "times that of the devices",
    axis: log(4, 0.02, 100),
    apply: scale("read_scale"),
  },
  stuck_low: {
    what: "devices stuck at the lowest conductance",
    unit: "of all",
    axis: log(0.02, 1e-5, 1),
    apply: (tile, share) => withFaults(tile, share, 0),
  },
  stuck_high: {
    what: "devices stuck at the highest conductance",
    unit: "of all",
    axis: log(1e-3, 1e-6, 1),
    apply: (tile, share) => withFaults(tile, share, 1),
  },
} as const satisfies Record<string, Nonideality>;
export type NonidealityName = keyof typeof NONIDEALITIES;
export const NONIDEALITY_NAMES = Object.keys(NONIDEALITIES) as readonly NonidealityName[];
export const nonideality = (name: NonidealityName): Nonideality => NONIDEALITIES[name];

/** No bound that an output would reach. */
const NO_BOUND = 1e30;

/**
 * The same crossbars without any nonideality that can be switched off; full scale of the ADC stays
 * where one is about to be put on it. Inputs beyond the input range still clip.
 */
export function idealTile(tile: AnalogTile, name: NonidealityName): AnalogTile {
  const { faults: _, ir_drop: __, read_noise: ___, periphery: ____, ...rest } = tile.numerics;
  const keepsBound = name === "adc_bits" || name === "s_shape";
  const bare: AnalogTile = {
    ...tile,
    // 0 bits: no rounding.
    input: { ...tile.input, bits: 0, bits_per_phase: 0 },
    output: { ...tile.output, bits: 0 },
    numerics: {
      ...rest,
      output_bound: keepsBound ? rest.output_bound : NO_BOUND,
      output_noise: { ...rest.output_noise, std: 0 },
    },
  };
  return withDevices(bare, { programming_scale: 0, drift_scale: 0, read_scale: 0 }) ?? bare;
}

/** The tile with one nonideality alone, or beside all the others it has. */
export function tileWith(
  tile: AnalogTile,
  name: NonidealityName,
  value: number,
  others: "off" | "on",
): AnalogTile | null {
  return nonideality(name).apply(others === "off" ? idealTile(tile, name) : tile, value);
}

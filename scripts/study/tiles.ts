/** The crossbars of the study. */
import { readArch } from "../../src/cli/inputs.ts";
import type { AnalogTile } from "../../src/model/arch.ts";
import type { DeviceNoise } from "../../src/model/device-noise.ts";

const assumed = { source: "noise of a study", evidence: "assumed" } as const;
const gaussian = (sigma_frac: number): DeviceNoise => ({
  kind: "gaussian",
  sigma_frac,
  ...assumed,
});
const pcm = (programming_scale: number): DeviceNoise => ({
  kind: "pcm",
  programming_scale,
  ...assumed,
});

export const CHIP = readArch("hetero-pcm");
const base = CHIP.tiles[0]!;

/** A crossbar for any matrix that errs in nothing but programming. */
function programmingOnly(
  name: string,
  devices: DeviceNoise,
  weight_scaling: AnalogTile["numerics"]["weight_scaling"],
): AnalogTile {
  return {
    ...base,
    name,
    crossbar: { ...base.crossbar, rows: 65536, cols: 65536 },
    input: { ...base.input, bits: 0 },
    output: { ...base.output, bits: 0 },
    numerics: {
      devices,
      weight_scaling,
      weight_omega: 1,
      output_bound: 0,
      output_noise: { std: 0, ...assumed },
      input_range: { kind: "dynamic" },
      drift_compensation: "none",
    },
  };
}

/** Scales of the PCM programming noise, c of arXiv 2603.02633; 0 is the all-digital model. */
export const PCM_SCALES = [0.5, 1, 1.5, 2, 2.5, 3] as const;

/** Standard deviations in percent of the largest weight, next to the 10 of the goals. */
export const MATRIX_PERCENTS = [2.5, 5] as const;

/** All kinds of tiles, by name. */
export const TILES: readonly AnalogTile[] = [
  programmingOnly("matrix-10", gaussian(0.1), "tile"),
  programmingOnly("channel-10", gaussian(0.1), "column"),
  ...PCM_SCALES.map((c) => programmingOnly(`pcm-${c}`, pcm(c), "column")),
  { ...base, name: "chip" },
  {
    ...base,
    name: "chip-uncompensated",
    numerics: { ...base.numerics, drift_compensation: "none" },
  },
  ...MATRIX_PERCENTS.map((x) => programmingOnly(`matrix-${x}`, gaussian(x / 100), "tile")),
  programmingOnly("pcm-0", pcm(0), "column"),
];

/** The chip with nothing but the rounding and clipping of its converters, for predictions. */
export const CONVERTERS_ONLY: AnalogTile = withoutNoise(base);

function withoutNoise({ numerics, ...tile }: AnalogTile): AnalogTile {
  const { read_noise: _read, ir_drop: _drop, faults: _faults, ...rest } = numerics;
  return {
    ...tile,
    numerics: {
      ...rest,
      devices: { kind: "ideal", ...assumed },
      output_noise: { std: 0, ...assumed },
    },
  };
}

export const kindOf = (name: string): number => {
  const kind = TILES.findIndex((tile) => tile.name === name);
  if (kind < 0) throw new Error(`no tile ${name}`);
  return kind;
};

/** Shared by the tests of numerics: matrices, texts of golden files, statistics. */
import type { AnalogNumerics } from "../../src/model/analog-numerics.ts";
import type { DeviceNoise } from "../../src/model/device-noise.ts";
import type { WeightMatrix } from "../../src/model/matrix.ts";
import { type ProgramRequest, programMatrix } from "../../src/numerics/program.ts";
import type { BlockRange } from "../../src/numerics/ranges.ts";
import { fillNormals } from "../../src/random/philox.ts";

const origin = { source: "test", evidence: "assumed" } as const;

export const device = (spec: Record<string, unknown>): DeviceNoise =>
  ({ ...spec, ...origin }) as unknown as DeviceNoise;

export function numericsWith(change: Partial<AnalogNumerics> = {}): AnalogNumerics {
  return {
    devices: device({ kind: "ideal" }),
    weight_scaling: "column",
    weight_omega: 1,
    input_range: { kind: "dynamic" },
    output_bound: 1e4,
    output_noise: { std: 0, ...origin },
    drift_compensation: "none",
    ...change,
  };
}

export function matrixOf(outputs: number, inputs: number, id = 7): WeightMatrix {
  return { id, module: "expert", part: "up", layer: 0, expert: 0, inputs, outputs };
}

/** Normal numbers that do not change from run to run. */
export function normals(count: number, row: number, std = 1): Float32Array {
  const out = new Float32Array(count);
  fillNormals(out, { seed: 99, matrix: 0, block: 0, purpose: "calibration", row });
  return out.map((z) => z * std);
}

/** Blocks of at most rows x cols, row-major. */
export function tiling(
  outputs: number,
  inputs: number,
  rows: number,
  cols: number,
): readonly BlockRange[] {
  const blocks: BlockRange[] = [];
  for (let r = 0; r < inputs; r += rows)
    for (let c = 0; c < outputs; c += cols)
      blocks.push({
        rowBegin: r,
        rowEnd: Math.min(r + rows, inputs),
        colBegin: c,
        colEnd: Math.min(c + cols, outputs),
      });
  return blocks;
}

export function program(
  weights: Float32Array,
  outputs: number,
  inputs: number,
  change: Partial<ProgramRequest> = {},
) {
  return programMatrix({
    weights,
    matrix: matrixOf(outputs, inputs),
    blocks: tiling(outputs, inputs, inputs, outputs),
    numerics: numericsWith(),
    inputBits: 0,
    outputBits: 0,
    inputRanges: null,
    seed: 1,
    noise_scale: 1,
    age_s: 0,
    ...change,
  });
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Unbiased. */
export function std(values: ArrayLike<number>): number {
  const m = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - m) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

export function maxAbs(values: ArrayLike<number>): number {
  let max = 0;
  for (let i = 0; i < values.length; i++) max = Math.max(max, Math.abs(values[i]!));
  return max;
}

/** Quantile with linear interpolation between order statistics. @param sorted rising, not empty */
export function quantile(sorted: Float32Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (place - below);
}

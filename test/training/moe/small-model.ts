/** A small decoder with experts on crossbars whose every effect can be switched. */

import { blocksOn, type MatrixRanges } from "../../../src/accuracy/evaluator.ts";
import type { AnalogTile } from "../../../src/model/arch.ts";
import { weightMatrices } from "../../../src/model/matrix.ts";
import type { HardwareRecipe } from "../../../src/model/training-recipe.ts";
import { createEngine } from "../../../src/numerics/engines/index.ts";
import { rowRanges } from "../../../src/numerics/ranges.ts";
import type { AnalogDecoder } from "../../../src/training/moe/state.ts";
import type { LabelledBatch } from "../../../src/training/network.ts";
import { randomWeights, SMALL, uniforms } from "../../transformer/random-model.ts";

const assumed = { source: "made up for tests", evidence: "assumed" } as const;

/** No noise and no rounding, unless changed. */
export function tileWith(numerics: Partial<AnalogTile["numerics"]> = {}, bits = 0): AnalogTile {
  return {
    name: "test",
    count: 1,
    crossbar: { rows: 64, cols: 64, tiers: 1, slices: 1, devices_per_cell: 2 },
    input: { encoding: "pulse-width", bits, bits_per_phase: Math.max(bits, 1) },
    output: { bits, columns_per_adc: 8 },
    numerics: {
      devices: { kind: "ideal", ...assumed },
      weight_scaling: "column",
      weight_omega: 1,
      input_range: { kind: "max" },
      output_bound: 1e6,
      output_noise: { std: 0, ...assumed },
      drift_compensation: "global",
      ...numerics,
    },
  } as unknown as AnalogTile;
}

export const weights = randomWeights(SMALL, 5);
const matrices = weightMatrices(SMALL);

/** Routed experts analog, all with one input range. */
export function modelWith(tile: AnalogTile, range: number): AnalogDecoder {
  const tileKinds = Int32Array.from(matrices, ({ module }) => (module === "expert" ? 0 : -1));
  const ranges: MatrixRanges = [
    matrices.map((matrix) =>
      matrix.module === "expert"
        ? Float64Array.from(rowRanges(blocksOn(tile, matrix)), () => range)
        : null,
    ),
  ];
  return { workload: SMALL, tiles: [tile], tileKinds, ranges };
}

export const CONTEXT = 9;

/** Random tokens; the same for the same step and seed. */
export const batches =
  (examples: number, seed: number) =>
  (step: number): LabelledBatch => {
    const next = uniforms(1000 * seed + step);
    const token = (): number => Math.floor(((next() + 1) / 2) * SMALL.vocabulary_tokens);
    const inputs = new Int32Array(examples * CONTEXT);
    const labels = new Int32Array(examples * CONTEXT);
    for (let e = 0; e < examples; e++) {
      const text = Array.from({ length: CONTEXT + 1 }, token);
      inputs.set(text.slice(0, CONTEXT), e * CONTEXT);
      labels.set(text.slice(1), e * CONTEXT);
    }
    return { examples, inputs, labels };
  };

/** One unit of the gradient a step. */
export const PLAIN: HardwareRecipe = {
  steps: 1,
  batch_items: 3,
  learning_rate: 1,
  optimiser: { kind: "sgd", momentum_frac: 0 },
  schedule: { kind: "constant" },
  weight_noise: { kind: "none" },
  drop_connect_frac: 0,
  remap: "none",
  input_range: { decay_factor: 0, gradient: "straight-through" },
  distillation: { weight_frac: 0, temperature_factor: 1 },
};

export const engine = createEngine("wasm");

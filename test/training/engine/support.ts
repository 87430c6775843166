/** Shared by the tests of the training engine: tiles, small networks, data that can be learned. */
import type { AnalogTile } from "../../../src/model/arch.ts";
import type { HardwareRecipe } from "../../../src/model/training-recipe.ts";
import { createEngine } from "../../../src/numerics/engines/index.ts";
import { createNetwork, type TrainedFromScratch } from "../../../src/training/create-network.ts";
import type { LabelledBatch, Network } from "../../../src/training/network.ts";
import { loadArch } from "../../evaluate/load.ts";
import { device, normals } from "../../numerics/support.ts";

export const engine = createEngine("wasm");

const standard = loadArch("hetero-pcm").tiles[0]!;
const origin = { source: "test", evidence: "assumed" } as const;

/** The default chip's tile with changes of its numerics. */
export const tileWith = (
  change: Partial<AnalogTile["numerics"]> = {},
  bits: { readonly input?: number; readonly output?: number } = {},
): AnalogTile => ({
  ...standard,
  input: { ...standard.input, bits: bits.input ?? 8, bits_per_phase: bits.input ?? 8 },
  output: { ...standard.output, bits: bits.output ?? 8 },
  numerics: { ...standard.numerics, ...change },
});

/** No rounding, no noise, no bound: only inputs beyond the range clip. */
export const idealTile = tileWith(
  {
    devices: device({ kind: "ideal" }),
    output_bound: 1e6,
    output_noise: { std: 0, ...origin },
    read_noise: { std: 0, ...origin },
  },
  { input: 0, output: 0 },
);

export const outputNoise = (std: number) => ({ output_noise: { std, ...origin } });
export const readNoise = (std: number) => ({ read_noise: { std, ...origin } });

/** As small as a network of its kind can be and still have every part of it. */
export const SMALL = {
  "residual-cnn": { kind: "residual-cnn", stage_channels: [4, 6], stage_layers: 1 },
  encoder: {
    ...{ kind: "encoder", patch_rows: 4, features: 8, heads: 2 },
    ...{ intermediate_features: 12, layers: 1 },
  },
  "lstm-lm": { kind: "lstm-lm", embedding_features: 6, hidden_features: 8, layers: 2 },
} as const satisfies Record<string, TrainedFromScratch>;
export const KINDS = ["residual-cnn", "encoder", "lstm-lm"] as const;
export type Kind = (typeof KINDS)[number];

const SIDE = 8;
const STEPS = 5;
const CLASSES = 3;

export const smallNetwork = (kind: Kind): Network =>
  createNetwork(SMALL[kind], { side: SIDE, steps: STEPS, classes: CLASSES }, 1);

/** Images of one bright stripe each, whose third of the image is the class; or a text of period 3. */
export function batchFor(kind: Kind, examples: number, step = 0): LabelledBatch {
  return kind === "lstm-lm" ? textBatch(examples, step) : imageBatch(examples, step);
}

function imageBatch(examples: number, step: number): LabelledBatch {
  const inputs = normals(examples * SIDE * SIDE, 1000 + step, 0.1).map(Math.abs);
  const labels = Int32Array.from({ length: examples }, (_, e) => (e + step) % CLASSES);
  labels.forEach((label, e) => {
    for (let x = 0; x < SIDE; x++) inputs[(e * SIDE + 1 + 2 * label) * SIDE + x] = 1;
  });
  return { examples, inputs, labels };
}

function textBatch(examples: number, step: number): LabelledBatch {
  const at = (i: number): number => {
    const example = Math.floor(i / STEPS);
    return (example + step + (i % STEPS)) % CLASSES;
  };
  const count = examples * STEPS;
  return {
    examples,
    inputs: Int32Array.from({ length: count }, (_, i) => at(i)),
    labels: Int32Array.from({ length: count }, (_, i) => (at(i) + 1) % CLASSES),
  };
}

/** Hardware-aware training of a few steps. */
export const hardwareRecipe = (change: Partial<HardwareRecipe> = {}): HardwareRecipe => ({
  ...{ steps: 6, batch_items: 6, learning_rate: 0.01 },
  optimiser: { kind: "adamw" },
  schedule: { kind: "constant" },
  weight_noise: { kind: "programming", scale: 3 },
  input_range: { initial_steps: 2 },
  ...change,
});

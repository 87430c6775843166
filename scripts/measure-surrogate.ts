/**
 * Error of the accuracy surrogate, effect by effect: every matrix analog, on tiles of which everything
 * is exact but one thing.
 *
 *     npx tsx scripts/measure-surrogate.ts tiny-olmoe [SEEDS] [TOKENS] [NAME]
 *
 * Prints a Markdown table: measured and predicted rise of the mean NLL in nats, with the standard error
 * over windows of the text and over seeds. The digital model and the noisy ones are scored on the same
 * evaluation text. With 0 tokens nothing is measured; NAME picks effects whose name has it.
 */
import { calibrateRanges } from "../src/accuracy/calibrate-ranges.ts";
import { programRequest } from "../src/accuracy/evaluator.ts";
import { scoreWindows } from "../src/accuracy/score-text.ts";
import { estimate } from "../src/accuracy/statistics.ts";
import { createAccuracySurrogate } from "../src/accuracy/surrogate.ts";
import { readArch, readModel } from "../src/cli/inputs.ts";
import { loadModelWeights, openFolder } from "../src/cli/model-weights.ts";
import { modelSensitivities } from "../src/cli/sensitivities.ts";
import { mobyDickText, openTokenizer } from "../src/cli/texts.ts";
import type { AnalogNumerics } from "../src/model/analog-numerics.ts";
import type { AnalogTile } from "../src/model/arch.ts";
import { ALWAYS_DIGITAL, weightMatrices } from "../src/model/matrix.ts";
import { createEngine } from "../src/numerics/engines/index.ts";
import { createTileProjection } from "../src/numerics/tile.ts";
import { assembleDecoder } from "../src/transformer/assemble.ts";
import type { TokenWindow } from "../src/transformer/batch.ts";
import type { Decoder } from "../src/transformer/decoder.ts";

const [model = "tiny-olmoe", seeds = "3", tokens = "8192", name = ""] = process.argv.slice(2);
const context_tokens = 256;

/** Nothing errs: no device noise, converters of 16 bits, ranges that clip nothing. */
const base = readArch("hetero-pcm").tiles[0]!;
const none = { source: "measure-surrogate", evidence: "assumed" } as const;
const { read_noise: pcmReads, ir_drop: _drop, periphery: _periphery, ...plain } = base.numerics;
const exact: AnalogNumerics = {
  ...plain,
  devices: { kind: "ideal", ...none },
  input_range: { kind: "max" },
  output_bound: 100,
  output_noise: { std: 0, ...none },
  drift_compensation: "global",
};
const tileOf = (
  name: string,
  numerics: Partial<AnalogNumerics>,
  bits: { dac?: number; adc?: number } = {},
): AnalogTile => ({
  ...base,
  name,
  input: { ...base.input, bits: bits.dac ?? 16, bits_per_phase: bits.dac ?? 16 },
  output: { ...base.output, bits: bits.adc ?? 16 },
  numerics: { ...exact, ...numerics },
});

const YEAR_S = 365 * 24 * 3600;
const pcm = { devices: base.numerics.devices };
const gaussian = (std: number) => ({
  devices: { kind: "gaussian" as const, sigma_frac: std, ...none },
});
function dropOf(scale: number): Partial<AnalogNumerics> {
  return { ir_drop: { scale, conductance_ratio: 5e5, ...none } };
}
const all: readonly (readonly [AnalogTile, number])[] = [
  [tileOf("weights: Gaussian, 5 % of the largest", gaussian(0.05)), 0],
  [tileOf("weights: PCM programming", pcm), 0],
  [tileOf("drift of a day, compensated", pcm), 24 * 3600],
  [tileOf("drift of a year, compensated", pcm), YEAR_S],
  [tileOf("drift of an hour, not compensated", { ...pcm, drift_compensation: "none" }), 3600],
  [tileOf("read noise 0.0175", { read_noise: pcmReads! }), 0],
  [tileOf("read noise 0.05", { read_noise: { ...pcmReads!, std: 0.05 } }), 0],
  [tileOf("output noise 0.04", { output_noise: { std: 0.04, ...none } }), 0],
  [tileOf("output noise 0.1", { output_noise: { std: 0.1, ...none } }), 0],
  [
    tileOf("input noise 0.01", {
      periphery: { input_noise_std: 0.01, ...none },
    } as Partial<AnalogNumerics>),
    0,
  ],
  [
    tileOf("input noise 0.03", {
      periphery: { input_noise_std: 0.03, ...none },
    } as Partial<AnalogNumerics>),
    0,
  ],
  [tileOf("DAC 8 bits", {}, { dac: 8 }), 0],
  [tileOf("DAC 6 bits", {}, { dac: 6 }), 0],
  [
    tileOf("input clipping at the 0.999 quantile", {
      input_range: { kind: "quantile", quantile_frac: 0.999 },
    }),
    0,
  ],
  [tileOf("ADC 8 bits, bound 10", { output_bound: 10 }, { adc: 8 }), 0],
  [tileOf("ADC 7 bits, bound 10", { output_bound: 10 }, { adc: 7 }), 0],
  [tileOf("ADC 6 bits, bound 10", { output_bound: 10 }, { adc: 6 }), 0],
  [tileOf("output clipping, bound 4", { output_bound: 4 }), 0],
  [tileOf("output clipping, bound 2", { output_bound: 2 }), 0],
  [tileOf("IR drop, scale 1", dropOf(1)), 0],
  [tileOf("IR drop, scale 30", dropOf(30)), 0],
];

const { workload, checkpoint: folder } = readModel(undefined, model);
const checkpoint = await openFolder(folder!, workload);
const weights = await loadModelWeights(checkpoint, workload);
const tokenizer = openTokenizer(folder!);
const textOf = (role: "evaluation" | "calibration", text_tokens: number) =>
  mobyDickText(role, tokenizer, workload, { context_tokens, text_tokens }).windows;
const engine = createEngine("wasm");
const decoder = assembleDecoder(
  workload,
  weights,
  (m, w) => engine.digital(w, m.outputs, m.inputs),
  engine.attend,
);
const cases = all.filter(([tile]) => tile.name.includes(name));
const windows = Number(tokens) > 0 ? textOf("evaluation", Number(tokens)) : [];
const calibration = textOf("calibration", 4096);
const tiles = cases.map(([tile]) => tile);
const sensitivities = await modelSensitivities(
  {
    folder: folder!,
    checkpoint,
    workload,
    context_tokens,
    seed: 1,
    kernel: "wasm",
    jobs: 1,
    quiet: true,
  },
  tiles,
);
const surrogate = createAccuracySurrogate(sensitivities);
const matrices = weightMatrices(workload);
const kinds = Int32Array.from(matrices, ({ module }) => (ALWAYS_DIGITAL.includes(module) ? -1 : 0));

/** Mean NLL of every window. */
const scoresOf = (of: Decoder, seed: number): number[] =>
  windows.map((window: TokenWindow) => {
    const { nll_sum_nats, predictions } = scoreWindows(of, [window], { seed });
    return nll_sum_nats / predictions;
  });
const digital = scoresOf(decoder, 0);

/** Rises of all windows under one seed. */
function rises(tile: AnalogTile, age_s: number, seed: number): number[] {
  const ranges = calibrateRanges(decoder, [tile], calibration);
  const plan = { tiles: [tile], ranges, noise_scale: 1, age_s };
  const made: { dispose: () => void }[] = [];
  const noisy = assembleDecoder(
    workload,
    weights,
    (matrix, values) => {
      const projection =
        kinds[matrix.id]! < 0
          ? engine.digital(values, matrix.outputs, matrix.inputs)
          : createTileProjection(engine, programRequest(plan, 0, matrix, values, seed));
      made.push(projection);
      return projection;
    },
    engine.attend,
  );
  const found = scoresOf(noisy, seed).map((nll, w) => nll - digital[w]!);
  for (const projection of made) projection.dispose();
  return found;
}

/** Nothing is drawn where no device, converter or wire is noisy. */
const isRandom = ({ numerics: { devices, output_noise, read_noise, periphery } }: AnalogTile) =>
  devices.kind !== "ideal" || output_noise.std > 0 || read_noise !== undefined || !!periphery;

/** Mean over windows and seeds, and its standard error: of the text and of the seeds. */
function measured(tile: AnalogTile, age_s: number): { mean: number; sem: number } {
  const count = isRandom(tile) ? Number(seeds) : 1;
  const bySeed = Array.from({ length: count }, (_, s) => rises(tile, age_s, s + 1));
  const ofText = estimate(windows.map((_, w) => estimate(bySeed.map((own) => own[w]!)).mean));
  const ofSeeds = estimate(bySeed.map((own) => estimate(own).mean));
  return { mean: ofText.mean, sem: Math.hypot(ofText.sem ?? 0, ofSeeds.sem ?? 0) };
}

console.log(`| ${model}, ${seeds} seeds, ${tokens} tokens | measured (nats) | predicted (nats) |`);
console.log("| --- | --- | --- |");
for (const [tile, age_s] of cases) {
  const predicted = surrogate({ tiles: [tile] }, kinds, age_s, 1);
  const { mean, sem } = windows.length > 0 ? measured(tile, age_s) : { mean: 0, sem: 0 };
  console.log(
    `| ${tile.name} | ${mean.toFixed(4)} ± ${sem.toFixed(4)} | ${predicted.toFixed(4)} |`,
  );
}

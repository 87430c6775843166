/**
 * Error of the accuracy surrogate, effect by effect: every matrix analog, on tiles of which everything
 * is exact but one thing.
 *
 *     npx tsx scripts/measure-surrogate.ts tiny-olmoe [SEEDS] [TOKENS]
 *
 * Prints a Markdown table: measured and predicted rise of the mean NLL in nats, with the standard error
 * over seeds. The digital model and the noisy ones are scored on the same evaluation text.
 */
import { calibrateRanges } from "../src/accuracy/calibrate-ranges.ts";
import { createEvaluator } from "../src/accuracy/evaluator.ts";
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
import { assembleDecoder } from "../src/transformer/assemble.ts";

const [model = "tiny-olmoe", seeds = "3", tokens = "1024"] = process.argv.slice(2);
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
const cases: readonly (readonly [AnalogTile, number])[] = [
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
  [tileOf("output clipping, bound 2", { output_bound: 2 }), 0],
  [
    tileOf("IR drop, scale 1", {
      ir_drop: { scale: 1, conductance_ratio: 5e5, ...none },
    } as Partial<AnalogNumerics>),
    0,
  ],
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
const windows = textOf("evaluation", Number(tokens));
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
const nll = ({ nll_sum_nats, predictions }: { nll_sum_nats: number; predictions: number }) =>
  nll_sum_nats / predictions;

function measured(tile: AnalogTile, age_s: number) {
  const ranges = calibrateRanges(decoder, [tile], calibration);
  const plan = {
    workload,
    weights,
    tiles: [tile],
    ranges,
    windows,
    pairs: [],
    noise_scale: 1,
    age_s,
  };
  const evaluator = createEvaluator({ ...plan, reference: new Float32Array(0) }, engine);
  const digital = nll(evaluator.scoreText({ tileKinds: kinds.map(() => -1), seed: 1 }));
  return estimate(
    Array.from(
      { length: Number(seeds) },
      (_, seed) => nll(evaluator.scoreText({ tileKinds: kinds, seed: seed + 1 })) - digital,
    ),
  );
}

console.log(`| ${model}, ${seeds} seeds, ${tokens} tokens | measured (nats) | predicted (nats) |`);
console.log("| --- | --- | --- |");
for (const [tile, age_s] of cases) {
  const { mean, sem } = measured(tile, age_s);
  const predicted = surrogate({ tiles: [tile] }, kinds, age_s, 1);
  console.log(
    `| ${tile.name} | ${mean.toFixed(4)} ± ${(sem ?? 0).toFixed(4)} | ${predicted.toFixed(4)} |`,
  );
}

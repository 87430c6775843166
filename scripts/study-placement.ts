/**
 * Which rule removes most of the loss that analog weights cost: every rule on a shipped model, under
 * the same noise seeds and on the same text, which none of them has seen.
 *
 *     npx tsx scripts/study-placement.ts tiny-olmoe --seeds 10 --tokens 4096 --jobs 2 --cases matrix-10
 *
 * Only programming noise is on, on crossbars as large as the matrices; but for the case `chip`. Prints for each case the
 * predicted and the measured rise of the mean NLL, and the share of the rise (over dense-digital)
 * that each rule removes; standard errors are over noise seeds, rules are paired by seed.
 */
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { calibrateRanges } from "../src/accuracy/calibrate-ranges.ts";
import {
  type AccuracyPlan,
  type MatrixRanges,
  referenceLength,
} from "../src/accuracy/evaluator.ts";
import { type CurvedModel, predictRises } from "../src/accuracy/predict-rise.ts";
import { estimate } from "../src/accuracy/statistics.ts";
import { readArch, readModel } from "../src/cli/inputs.ts";
import { loadModelWeights, openFolder } from "../src/cli/model-weights.ts";
import { mobyDickText, openTokenizer } from "../src/cli/texts.ts";
import type { AnalogTile } from "../src/model/arch.ts";
import type { DeviceNoise } from "../src/model/device-noise.ts";
import { ALWAYS_DIGITAL, weightMatrices } from "../src/model/matrix.ts";
import type { Target } from "../src/model/placement.ts";
import { createEngine } from "../src/numerics/engines/index.ts";
import { strategies } from "../src/placement/index.ts";
import type { PlacementProblem, PlacementStrategy } from "../src/placement/strategy.ts";
import { activationScores } from "../src/scoring/activation-scores.ts";
import { fisherInformation } from "../src/scoring/fisher.ts";
import { maxNeuronNormScores } from "../src/scoring/weight-scores.ts";
import { assembleDecoder } from "../src/transformer/assemble.ts";
import type { StudyResult, StudyTask } from "./study-worker.ts";

const WINDOW_TOKENS = 256;
/** Calibration: 32 windows of chapters that are not evaluated. */
const FISHER_TOKENS = 8192;

interface Case {
  /** Only programming noise, of these devices; null: the tile of `hetero-pcm` with all it does. */
  readonly devices: DeviceNoise | null;
  readonly scaling: AnalogTile["numerics"]["weight_scaling"];
  /** Share of the expert weights that are digital. */
  readonly fraction: number;
}

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

const CASES: Readonly<Record<string, Case>> = {
  "matrix-5": { devices: gaussian(0.05), scaling: "tile", fraction: 0.25 },
  "matrix-10": { devices: gaussian(0.1), scaling: "tile", fraction: 0.25 },
  "matrix-10-eighth": { devices: gaussian(0.1), scaling: "tile", fraction: 0.125 },
  "channel-10": { devices: gaussian(0.1), scaling: "column", fraction: 0.25 },
  "channel-10-eighth": { devices: gaussian(0.1), scaling: "column", fraction: 0.125 },
  "pcm-2.5": { devices: pcm(2.5), scaling: "column", fraction: 0.25 },
  chip: { devices: null, scaling: "column", fraction: 0.25 },
  "pcm-1.5": { devices: pcm(1.5), scaling: "column", fraction: 0.125 },
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "10" },
    tokens: { type: "string", default: "4096" },
    jobs: { type: "string", default: "2" },
    cases: { type: "string", default: Object.keys(CASES).join(",") },
    rules: { type: "string", default: "" },
  },
});
const model = positionals[0] ?? "tiny-olmoe";
const seeds = Array.from({ length: Number(options.seeds) }, (_, i) => i + 1);
const cases = options.cases.split(",").map((name) => ({ name, ...CASES[name]! }));

const { workload, checkpoint: folder } = readModel(undefined, model);
const checkpoint = await openFolder(folder!, workload);
const weights = await loadModelWeights(checkpoint, workload);
const tokenizer = openTokenizer(folder!);
const matrices = weightMatrices(workload);
const textOf = (role: "evaluation" | "calibration", text_tokens: number) =>
  mobyDickText(role, tokenizer, workload, { context_tokens: WINDOW_TOKENS, text_tokens }).windows;
const windows = textOf("evaluation", Number(options.tokens));
const base = readArch("hetero-pcm").tiles[0]!;
const tiles = cases.map(({ devices, scaling }) =>
  devices === null ? base : programmingOnly(devices, scaling),
);

const { curved, scores, ranges } = await calibrate();
const pool = startPool(Number(options.jobs));
for (const [kind, one] of cases.entries()) await report(kind, one);
await pool.close();

/** A crossbar for any matrix that errs in nothing but programming. */
function programmingOnly(devices: DeviceNoise, scaling: Case["scaling"]): AnalogTile {
  return {
    ...base,
    crossbar: { ...base.crossbar, rows: 65536, cols: 65536 },
    input: { ...base.input, bits: 0 },
    output: { ...base.output, bits: 0 },
    numerics: {
      devices,
      weight_scaling: scaling,
      weight_omega: 1,
      output_bound: 0,
      output_noise: { std: 0, ...assumed },
      input_range: { kind: "dynamic" },
      drift_compensation: "none",
    },
  };
}

/** Everything that the rules are given, from calibration text and weights alone. */
async function calibrate(): Promise<{
  readonly curved: CurvedModel;
  readonly scores: PlacementProblem["scores"];
  readonly ranges: MatrixRanges;
}> {
  const { digital, attend } = createEngine("wasm");
  const decoder = assembleDecoder(
    workload,
    weights,
    (m, w) => digital(w, m.outputs, m.inputs),
    attend,
  );
  const calibration = textOf("calibration", FISHER_TOKENS);
  const start = process.cpuUsage();
  const fisher = fisherInformation({ decoder, weights: weights.matrices, digital }, calibration, 1);
  const { user, system } = process.cpuUsage(start);
  console.log(
    `${model}: curvature of ${fisher.predictions} predictions in ${((user + system) / 1e6).toFixed(1)} s of processor time`,
  );
  const { tokens: _tokens, ...activations } = activationScores(decoder, calibration);
  const maxNorm = await maxNeuronNormScores(checkpoint, matrices, { downAxis: "column" });
  return {
    curved: { matrices, weights: weights.matrices, curvature: fisher.matrices },
    scores: { ...activations, "max-neuron-norm": maxNorm },
    ranges: calibrateRanges(decoder, tiles, calibration),
  };
}

/** A rule under its name; the fraction is that of the case unless the rule is given one. */
interface Rule {
  readonly name: string;
  readonly strategy: PlacementStrategy;
  readonly fraction: number;
}

function rulesOf({ fraction }: Case): readonly Rule[] {
  const rule = (name: string, strategy: PlacementStrategy, share = fraction): Rule => ({
    name,
    strategy,
    fraction: share,
  });
  const all = [
    rule("all-analog", strategies["all-analog"]),
    rule("random", strategies.random),
    rule("activation-frequency", strategies["activation-frequency"]),
    rule("max-neuron-norm", strategies["max-neuron-norm"]),
    rule("activation-weight", strategies["activation-weight"]),
    rule("fisher-experts", strategies["fisher-experts"]),
    rule("fisher-matrices", strategies["fisher-matrices"]),
    // the share of all weights that dense-digital with the experts of the other rules has
    rule("optimal", strategies.optimal, digitalShare(fraction)),
  ];
  return options.rules === "" ? all : all.filter(({ name }) => options.rules.includes(name));
}

/** Share of the weights that may be analog, when all but 1 - fraction of the experts are digital. */
function digitalShare(fraction: number): number {
  const size = (of: readonly { inputs: number; outputs: number }[]): number =>
    of.reduce((sum, m) => sum + m.inputs * m.outputs, 0);
  const expert = size(matrices.filter(({ module }) => module === "expert"));
  return 1 - ((1 - fraction) * expert) / size(matrices.filter(mayBeAnalog));
}

function mayBeAnalog({ module }: (typeof matrices)[number]): boolean {
  return !ALWAYS_DIGITAL.includes(module);
}

/** Measures one case and prints its table. */
async function report(kind: number, one: Case & { readonly name: string }): Promise<void> {
  const rises = predictRises(curved, tiles[kind]!, ranges[kind]!, 1).map((r) => r?.total_nats ?? 0);
  const measure = (targets: readonly Target[], seed: number): Promise<number> =>
    pool.run(
      Int32Array.from(targets, (target, id) =>
        target === "analog" && mayBeAnalog(matrices[id]!) ? kind : -1,
      ),
      seed,
    );
  const predicted = (targets: readonly Target[]): number =>
    targets.reduce((sum, target, id) => sum + (target === "analog" ? rises[id]! : 0), 0);
  const targetsOf = ({ strategy, fraction }: Rule, seed: number): readonly Target[] =>
    strategy.place({
      matrices,
      fraction,
      ranking: "layer",
      scores,
      predictedRises_nats: rises,
      seed,
    });
  const dense: Rule = { name: "dense-digital", strategy: strategies["dense-digital"], fraction: 0 };
  const digital = await measure(
    matrices.map(() => "digital"),
    0,
  );
  const rows = await Promise.all(
    [dense, ...rulesOf(one)].map(async (rule) => ({
      name: rule.name,
      predicted: predicted(targetsOf(rule, 1)),
      rises: (await Promise.all(seeds.map((seed) => measure(targetsOf(rule, seed), seed)))).map(
        (nll) => nll - digital,
      ),
    })),
  );
  const [first] = rows;
  console.log(
    `\n## ${model}, ${one.name}: ${one.devices === null ? "all effects of hetero-pcm" : `${one.scaling}-scaled ${one.devices.kind}`}, ${100 * one.fraction} % of expert weights digital, ${seeds.length} seeds\n`,
  );
  console.log("| placement | predicted rise | measured rise | removed, predicted | removed |");
  console.log("| --- | --- | --- | --- | --- |");
  for (const row of rows) {
    const { mean, sem } = estimate(row.rises);
    const share = removedShare(first!.rises, row.rises);
    const expected = 100 * (1 - row.predicted / first!.predicted);
    console.log(
      `| ${row.name} | ${row.predicted.toFixed(4)} | ${mean.toFixed(4)} +- ${sem?.toFixed(4)} | ${expected.toFixed(1)} % | ${share} |`,
    );
  }
}

/**
 * 1 - mean(b) / mean(a) in percent; the standard error is that of the ratio of paired means (delta
 * method): of the residuals b - ratio a, over the mean of a.
 */
function removedShare(a: readonly number[], b: readonly number[]): string {
  const whole = estimate(a).mean;
  const ratio = estimate(b).mean / whole;
  const { sem } = estimate(a.map((value, i) => b[i]! - ratio * value));
  return `${(100 * (1 - ratio)).toFixed(1)} +- ${((100 * (sem ?? 0)) / whole).toFixed(1)} %`;
}

interface Pool {
  /** @returns mean NLL in nats */
  readonly run: (tileKinds: Int32Array, seed: number) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Threads that take tasks one after the other. */
function startPool(jobs: number): Pool {
  const plan: AccuracyPlan = {
    workload,
    weights,
    tiles,
    ranges,
    windows,
    pairs: [],
    // KL divergences are not looked at here.
    reference: new Float32Array(new SharedArrayBuffer(4 * referenceLength(workload, windows))),
    noise_scale: 1,
    age_s: 0,
  };
  const waiting: StudyTask[] = [];
  const resolvers = new Map<number, (nll_nats: number) => void>();
  const idle: Worker[] = [];
  const next = (): void => {
    while (idle.length > 0 && waiting.length > 0) idle.pop()!.postMessage(waiting.shift()!);
  };
  const workers = Array.from({ length: jobs }, () => {
    const url = new URL("./study-worker.mjs", import.meta.url);
    const worker = new Worker(url, { workerData: plan });
    worker.on("message", ({ id, nll_nats }: StudyResult) => {
      resolvers.get(id)!(nll_nats);
      resolvers.delete(id);
      idle.push(worker);
      next();
    });
    worker.on("error", (error) => {
      throw error;
    });
    idle.push(worker);
    return worker;
  });
  let tasks = 0;
  return {
    run: (tileKinds, seed) =>
      new Promise((resolve) => {
        resolvers.set(tasks, resolve);
        waiting.push({ id: tasks++, tileKinds, seed });
        next();
      }),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

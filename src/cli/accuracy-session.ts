/** Accuracy of many placements of one model on one text, spread over worker threads. */
import { Piscina } from "piscina";
import type { AnswerWindow, PairScore } from "../accuracy/answers.ts";
import { calibrateRanges } from "../accuracy/calibrate-ranges.ts";
import { type AccuracyPlan, referenceLength } from "../accuracy/evaluator.ts";
import {
  collectSamples,
  explainMatrices,
  type MatrixDiagnosis,
} from "../accuracy/explain-matrices.ts";
import { mergeScores } from "../accuracy/score-text.ts";
import { type StoredRanges, storedNote, withStored } from "../accuracy/stored-ranges.ts";
import type { WeightSource } from "../accuracy/stream-model.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Arch } from "../model/arch.ts";
import type { TextScore } from "../model/evaluation.ts";
import { weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import { requireNumerics } from "../numerics/tile.ts";
import { type RoutingEntry, routingTrace } from "../scoring/routing-trace.ts";
import { assembleDecoder, type ModelWeights } from "../transformer/assemble.ts";
import type { Decoder } from "../transformer/decoder.ts";
import type { AccuracyCondition, AccuracySettings, PlacementScores } from "./accuracy-settings.ts";
import {
  completed,
  type EngineInUse,
  evaluateOnGpu,
  openSessionGpu,
  routingOnGpu,
} from "./gpu-session.ts";
import { loadModelWeights } from "./model-weights.ts";
import { openEngine } from "./open-engine.ts";
import { startProgress } from "./progress.ts";
import { createSessionScores, type SessionScores } from "./session-scores.ts";
import { fileText, mobyDickText, openTokenizer, type PreparedText, readTask } from "./texts.ts";
import type { WorkerSetup, WorkerTask } from "./worker.ts";

/** Tokens that input ranges and activation scores are taken from. */
export const CALIBRATION_TOKENS = 4096;

/** A model in memory, with its texts. */
export interface AccuracySession {
  readonly text: PreparedText;
  readonly calibration: PreparedText;
  /** Where input ranges come from, if not from the calibration text alone. */
  readonly rangeNote: string | null;
  /** The engine that runs, and why it is another one than asked for; changes if a GPU fails. */
  readonly inUse: () => EngineInUse;
  /**
   * The all-digital model, for calibration and activation scores.
   *
   * @throws InputError where the model is read layer by layer
   */
  readonly decoder: Decoder;
  /** Experts that the text's tokens choose in the all-digital model. */
  readonly routing: () => Promise<readonly RoutingEntry[]>;
  /** @param tileKinds kind of tile of each matrix, -1: digital; one list per placement */
  readonly evaluate: (
    tileKinds: readonly Int32Array[],
    condition: AccuracyCondition,
  ) => Promise<readonly PlacementScores[]>;
  /** Diagnoses the analog matrices of each placement, with the first noise seed. */
  readonly explain: (tileKinds: readonly Int32Array[]) => readonly (readonly MatrixDiagnosis[])[];
  /** Expert scores that need the chip's noise, or the weights beside a text. */
  readonly scores: SessionScores;
}

export async function openAccuracySession(
  folder: string,
  checkpoint: Checkpoint,
  workload: Workload,
  arch: Arch,
  settings: AccuracySettings,
): Promise<AccuracySession> {
  const weights = await loadModelWeights(checkpoint, workload);
  const { text, calibration, pairs } = prepareTexts(folder, workload, settings);
  const engine = await openEngine(settings.kernel);
  const gpu = await openSessionGpu(settings.kernel, engine);
  const decoder = assembleDecoder(
    workload,
    weights,
    (matrix, values) => engine.digital(values, matrix.outputs, matrix.inputs),
    engine.attend,
  );
  const planned = {
    workload,
    weights,
    tiles: arch.tiles,
    noise_scale: settings.noise_scale,
    age_s: settings.age_s,
    without: settings.without ?? [],
  };
  const stored = await storedRanges(checkpoint, workload);
  const ranges = once(() =>
    withStored(
      calibrateRanges(decoder, arch.tiles, calibration.windows),
      stored,
      arch.tiles,
      weightMatrices(workload),
    ),
  );
  return {
    text,
    calibration,
    rangeNote: storedNote(stored),
    inUse: gpu.inUse,
    decoder,
    routing: async () =>
      (await routingOnGpu(gpu, { workload, windows: text.windows }, sourceOf(weights))) ??
      routingTrace(decoder, text.windows),
    evaluate: async (tileKinds, condition) => {
      requireTiles(arch, tileKinds);
      const inputRanges = tileKinds.some(hasAnalog) ? ranges() : [];
      const own = { ...planned, ...condition, ranges: inputRanges, windows: text.windows, pairs };
      const scores = await evaluateOnGpu(gpu, own, sourceOf(weights), engine, tileKinds, settings);
      return completed(scores, tileKinds, (rest) => {
        const numbers = referenceLength(workload, text.windows);
        const reference = new Float32Array(new SharedArrayBuffer(4 * numbers));
        return evaluateAll({ ...own, reference }, rest, settings);
      });
    },
    scores: createSessionScores(
      { ...planned, decoder, fillNormals: engine.fillNormals },
      calibration.windows,
      (own, kinds) =>
        evaluateAll({ ...planned, ...own, ranges: ranges() }, kinds, { ...settings, seeds: 1 }),
      settings.seed,
    ),
    explain: (tileKinds) => {
      const plan = { ...planned, ranges: ranges() };
      const samples = collectSamples(decoder, text.windows);
      return tileKinds.map((kinds) => explainMatrices(plan, engine, samples, kinds, settings.seed));
    },
  };
}

/**
 * Here, because an error in a worker would lose its kind.
 *
 * @throws InputError if the numerics of a kind of tile in use lack something
 */
export function requireTiles({ tiles }: Arch, tileKinds: readonly Int32Array[]): void {
  const kinds = new Set(tileKinds.flatMap((kinds) => [...new Set(kinds)]));
  for (const kind of kinds) if (kind >= 0) requireNumerics(tiles[kind]!);
}

/** What is scored, and what input ranges come from. */
export function prepareTexts(
  folder: string,
  workload: Workload,
  settings: AccuracySettings,
): {
  readonly text: PreparedText;
  readonly calibration: PreparedText;
  readonly pairs: readonly AnswerWindow[];
} {
  const tokenizer = openTokenizer(folder);
  const text =
    settings.text === undefined
      ? mobyDickText("evaluation", tokenizer, workload, settings)
      : fileText(settings.text, tokenizer, workload, settings);
  const calibration = mobyDickText("calibration", tokenizer, workload, {
    context_tokens: settings.context_tokens,
    text_tokens: Math.max(CALIBRATION_TOKENS, settings.context_tokens),
  });
  return { text, calibration, pairs: readTask(settings, tokenizer, workload) };
}

/** Input ranges that the checkpoint brings along. */
export async function storedRanges(
  checkpoint: Checkpoint,
  workload: Workload,
): Promise<StoredRanges> {
  const stored: StoredRanges[number][] = [];
  for (const matrix of weightMatrices(workload)) stored.push(await checkpoint.inputRanges(matrix));
  return stored;
}

/** Weights in memory, asked for like those of files. */
const sourceOf = (weights: ModelWeights): WeightSource => ({
  matrix: async ({ id }) => weights.matrices[id]!,
  norms: async (layer) => weights.norms[layer]!,
  finalNorm: async () => weights.finalNorm,
});

/** Calls a function when its result is first needed, and remembers it. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

async function evaluateAll(
  plan: AccuracyPlan,
  tileKinds: readonly Int32Array[],
  settings: AccuracySettings,
): Promise<readonly PlacementScores[]> {
  const setup: WorkerSetup = { plan, kernel: settings.kernel };
  const pool = new Piscina<WorkerTask>({
    filename: new URL("./worker.js", import.meta.url).href,
    workerData: setup,
    minThreads: settings.jobs,
    maxThreads: settings.jobs,
  });
  const seeds = Array.from({ length: settings.seeds }, (_, i) => settings.seed + i);
  const seedsOf = (kinds: Int32Array): readonly number[] =>
    hasAnalog(kinds) ? seeds : seeds.slice(0, 1);
  const hasPairs = plan.pairs.length > 0;
  const parts = referenceParts(plan.windows.length, settings.jobs);
  const steps = tileKinds.filter(hasAnalog).length * seeds.length;
  const progress = startProgress("accuracy", parts.length + steps, settings.quiet);
  const run = async <T>(task: WorkerTask): Promise<T> => {
    const score: T = await pool.run(task);
    if (task.kind !== "pairs") progress.advance();
    return score;
  };
  const runAll = <T>(kind: "text" | "pairs", kinds: Int32Array): Promise<T[]> =>
    Promise.all(seedsOf(kinds).map((seed) => run<T>({ kind, tileKinds: kinds, seed })));
  try {
    const digital = mergeScores(await Promise.all(parts.map((part) => run<TextScore>(part))));
    return await Promise.all(
      tileKinds.map(async (kinds) => {
        const pairs = hasPairs ? runAll<PairScore>("pairs", kinds) : [];
        const text = hasAnalog(kinds) ? runAll<TextScore>("text", kinds) : [digital];
        return { text: await text, pairs: await pairs };
      }),
    );
  } finally {
    progress.done();
    await pool.destroy();
  }
}

export const hasAnalog = (tileKinds: Int32Array): boolean => tileKinds.some((kind) => kind >= 0);

/** The all-digital run is one task per job. */
function referenceParts(windows: number, jobs: number): WorkerTask[] {
  const parts = Math.min(windows, jobs);
  return Array.from({ length: parts }, (_, i) => ({
    kind: "reference",
    first: Math.floor((i * windows) / parts),
    last: Math.floor(((i + 1) * windows) / parts),
  }));
}

/** What a trained model is sensitive to, for the accuracy surrogate: computed once, then cached. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { calibrateRanges } from "../accuracy/calibrate-ranges.ts";
import { sensitivities } from "../accuracy/predict-rise.ts";
import { type StoredRanges, withStored } from "../accuracy/stored-ranges.ts";
import { type AccuracySensitivities, tilingKey } from "../accuracy/surrogate.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { AnalogTile } from "../model/arch.ts";
import { weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import type { EngineName } from "../numerics/engine.ts";
import {
  type FisherInformation,
  type FisherPart,
  fisherInformation,
  mergeFisher,
  partsOf,
} from "../scoring/fisher.ts";
import { assembleDecoder, type ModelWeights } from "../transformer/assemble.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import type { Decoder } from "../transformer/decoder.ts";
import { CALIBRATION_TOKENS, storedRanges } from "./accuracy-session.ts";
import { cached } from "./cache.ts";
import type { FisherSetup } from "./fisher-worker.ts";
import { sha256OfFiles } from "./hash.ts";
import { weightFiles } from "./inputs.ts";
import { loadModelWeights } from "./model-weights.ts";
import { openEngine } from "./open-engine.ts";
import { startProgress } from "./progress.ts";
import { mobyDickText, openTokenizer } from "./texts.ts";

/** Calibration tokens that the curvature is taken from. */
const FISHER_TOKENS = 8192;
/** Raised when what is cached changes its form or its meaning. */
const CACHE_VERSION = 1;

export interface SensitivitySource {
  /** Folder of the model, and what it holds. */
  readonly folder: string;
  readonly checkpoint: Checkpoint;
  readonly workload: Workload;
  readonly context_tokens: number;
  readonly seed: number;
  readonly kernel: EngineName;
  readonly jobs: number;
  readonly quiet: boolean;
}

/**
 * Sensitivities of a model on every tiling that the tiles have; from the calibration chapters of
 * Moby-Dick, never from the evaluation text.
 *
 * Half a minute of processor time for the shipped models, in worker threads; later runs read them
 * from the cache.
 *
 * @throws InputError where the family has no forward pass
 */
export async function modelSensitivities(
  source: SensitivitySource,
  tiles: readonly AnalogTile[],
): Promise<AccuracySensitivities> {
  const { folder, workload, context_tokens, seed, kernel } = source;
  const key = {
    version: CACHE_VERSION,
    checkpoint: sha256OfFiles(weightFiles(folder)),
    ...{ workload, context_tokens, seed, kernel, tokens: FISHER_TOKENS },
  };
  // Opened at most once, and not at all where everything is in the cache.
  const model = lazily(() => openModel(source));
  const curvature = lazily(() =>
    cached("curvature", key, async () => fisher(source, await model())),
  );
  const tilings: Record<string, AccuracySensitivities["tilings"][string]> = {};
  let basis: Omit<AccuracySensitivities, "tilings"> | null = null;
  for (const tile of tiles) {
    const tiling = tilingKey(tile);
    if (tiling in tilings) continue;
    const found = await cached("tiling", { ...key, tiling }, async () =>
      tilingOf(await model(), await curvature(), tile, context_tokens),
    );
    tilings[tiling] = found.matrices;
    basis = found.basis;
  }
  if (basis === null) throw new Error("no tiles to be sensitive on");
  return { tilings, ...basis };
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

interface OpenModel {
  readonly weights: ModelWeights;
  readonly decoder: Decoder;
  readonly digital: Awaited<ReturnType<typeof openEngine>>["digital"];
  readonly windows: readonly TokenWindow[];
  readonly stored: StoredRanges;
}

async function openModel(source: SensitivitySource): Promise<OpenModel> {
  const { checkpoint, workload, folder, kernel, context_tokens } = source;
  const weights = await loadModelWeights(checkpoint, workload);
  const { digital, attend } = await openEngine(kernel);
  const decoder = assembleDecoder(
    workload,
    weights,
    (matrix, values) => digital(values, matrix.outputs, matrix.inputs),
    attend,
  );
  const limits = { context_tokens, text_tokens: Math.max(FISHER_TOKENS, context_tokens) };
  const { windows } = mobyDickText("calibration", openTokenizer(folder), workload, limits);
  const stored = await storedRanges(checkpoint, workload);
  return { weights, decoder, digital, windows, stored };
}

/** The curvature, its parts spread over worker threads. */
async function fisher(
  { workload, seed, kernel, jobs, quiet }: SensitivitySource,
  { weights, decoder, digital, windows }: OpenModel,
): Promise<FisherInformation> {
  const filename = new URL("./fisher-worker.js", import.meta.url);
  const parts = partsOf(windows.length);
  if (jobs === 1 || !existsSync(fileURLToPath(filename)))
    return inThisThread({ decoder, weights: weights.matrices, digital }, windows, seed, quiet);
  const setup: FisherSetup = { workload, weights, windows, seed, kernel };
  const pool = new Piscina<readonly [number, number], FisherPart>({
    filename: filename.href,
    workerData: setup,
    minThreads: Math.min(jobs, parts.length),
    maxThreads: Math.min(jobs, parts.length),
  });
  const progress = startProgress("curvature", parts.length, quiet);
  try {
    const run = async (part: readonly [number, number]): Promise<FisherPart> => {
      const done = await pool.run(part);
      progress.advance();
      return done;
    };
    const done = await Promise.all(parts.map(run));
    return mergeFisher(done.map((part) => () => part));
  } finally {
    progress.done();
    await pool.destroy();
  }
}

function inThisThread(
  model: Parameters<typeof fisherInformation>[0],
  windows: readonly TokenWindow[],
  seed: number,
  quiet: boolean,
): FisherInformation {
  const progress = startProgress("curvature", windows.length, quiet);
  try {
    return fisherInformation(model, windows, seed, progress.advance);
  } finally {
    progress.done();
  }
}

function tilingOf(
  { weights, decoder, windows, stored }: OpenModel,
  { matrices: curvature, predictions, nll_nats }: FisherInformation,
  tile: AnalogTile,
  context_tokens: number,
) {
  // Input ranges from as much text as those that accuracy is measured with.
  const some = Math.max(1, Math.floor(CALIBRATION_TOKENS / context_tokens));
  const matrices = weightMatrices(decoder.workload);
  const calibrated = calibrateRanges(decoder, [tile], windows.slice(0, some));
  const ranges = withStored(calibrated, stored, [tile], matrices)[0]!;
  const model = {
    matrices,
    weights: weights.matrices,
    curvature,
  };
  return {
    matrices: sensitivities(model, tile, ranges),
    basis: { predictions, calibration_nll_nats: nll_nats },
  };
}

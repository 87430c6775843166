/** What a trained model is sensitive to, for the accuracy surrogate: computed once, then cached. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { calibrateRanges } from "../accuracy/calibrate-ranges.ts";
import type { MatrixRanges } from "../accuracy/evaluator.ts";
import { columnPlans, sensitivities } from "../accuracy/predict-model.ts";
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
  type Gathering,
  mergeFisher,
  partsOf,
} from "../scoring/fisher.ts";
import { assembleDecoder, type ModelWeights } from "../transformer/assemble.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import type { Decoder } from "../transformer/decoder.ts";
import { CALIBRATION_TOKENS, storedRanges } from "./accuracy-session.ts";
import { fromCache, toCache } from "./cache.ts";
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
const CACHE_VERSION = 2;

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
 * A minute of processor time for the shipped models, in worker threads; later runs read them
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
  const asked = new Map(tiles.map((tile) => [tilingKey(tile), tile]));
  if (asked.size === 0) throw new Error("no tiles to be sensitive on");
  const known = new Map<string, CachedTiling>();
  for (const tiling of asked.keys()) {
    const found = fromCache<CachedTiling>("tiling", { ...key, tiling });
    if (found !== null) known.set(tiling, found);
  }
  const missing = [...asked].filter(([tiling]) => !known.has(tiling));
  if (missing.length > 0) {
    const made = await tilingsOf(
      source,
      key,
      missing.map(([, tile]) => tile),
    );
    missing.forEach(([tiling], i) => {
      toCache("tiling", { ...key, tiling }, made[i]!);
      known.set(tiling, made[i]!);
    });
  }
  const [first] = known.values();
  const tilings = Object.fromEntries(
    [...known].map(([tiling, { matrices }]) => [tiling, matrices]),
  );
  return { tilings, ...first!.basis };
}

interface CachedTiling {
  readonly matrices: AccuracySensitivities["tilings"][string];
  readonly basis: Omit<AccuracySensitivities, "tilings">;
}

/** One pass over the text for all tiles; where the curvature is known, it only looks at their sums. */
async function tilingsOf(
  source: SensitivitySource,
  key: object,
  tiles: readonly AnalogTile[],
): Promise<readonly CachedTiling[]> {
  const model = await openModel(source);
  const { weights, decoder } = model;
  const matrices = weightMatrices(decoder.workload);
  const ranges = inputRanges(model, tiles, source.context_tokens);
  const plain = { matrices, weights: weights.matrices };
  const known = fromCache<FisherInformation>("curvature", key);
  const pass = await fisher(source, model, {
    seed: source.seed,
    curvature: known === null,
    plans: tiles.map((tile, t) => columnPlans(plain, tile, ranges[t]!)),
  });
  const { columns, ...curvature } = pass;
  if (known === null) toCache("curvature", key, { ...curvature, columns: [] });
  const { matrices: own, predictions, nll_nats } = known ?? pass;
  return tiles.map((tile, t) => ({
    matrices: sensitivities({ ...plain, curvature: own, columns: columns[t]! }, tile, ranges[t]!),
    basis: { predictions, calibration_nll_nats: nll_nats },
  }));
}

/** From as much text as those that accuracy is measured with. [tiles][matrices] */
function inputRanges(
  { decoder, windows, stored }: OpenModel,
  tiles: readonly AnalogTile[],
  context_tokens: number,
): MatrixRanges {
  const some = Math.max(1, Math.floor(CALIBRATION_TOKENS / context_tokens));
  const calibrated = calibrateRanges(decoder, tiles, windows.slice(0, some));
  return withStored(calibrated, stored, tiles, weightMatrices(decoder.workload));
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

/** A pass over the text, its parts spread over worker threads. */
async function fisher(
  { workload, kernel, jobs, quiet }: SensitivitySource,
  { weights, decoder, digital, windows }: OpenModel,
  gathering: Gathering,
): Promise<FisherInformation> {
  const filename = new URL("./fisher-worker.js", import.meta.url);
  const parts = partsOf(windows.length);
  if (jobs === 1 || !existsSync(fileURLToPath(filename)))
    return inThisThread({ decoder, weights: weights.matrices, digital }, windows, gathering, quiet);
  const setup: FisherSetup = { workload, weights, windows, gathering, kernel };
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
  gathering: Gathering,
  quiet: boolean,
): FisherInformation {
  const progress = startProgress("curvature", windows.length, quiet);
  try {
    return fisherInformation(model, windows, gathering, progress.advance);
  } finally {
    progress.done();
  }
}

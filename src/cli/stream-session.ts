/** Accuracy of a model that is read from its files layer by layer, in this process. */
import { referenceLength } from "../accuracy/evaluator.ts";
import type { PairScore } from "../accuracy/pairs.ts";
import { storedNote, withStored } from "../accuracy/stored-ranges.ts";
import { createStreamEvaluator, digitalModel, streamRanges } from "../accuracy/stream-evaluator.ts";
import { streamPredictions, type WeightSource } from "../accuracy/stream-model.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Arch } from "../model/arch.ts";
import type { TextScore } from "../model/evaluation.ts";
import { InputError } from "../model/issue.ts";
import { weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import type { ReusableEngine } from "../numerics/engines/reusable.ts";
import { createRoutingRecord, type RoutingEntry } from "../scoring/routing-trace.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import {
  type AccuracySession,
  hasAnalog,
  prepareTexts,
  requireTiles,
  storedRanges,
} from "./accuracy-session.ts";
import type { AccuracySettings, PlacementScores } from "./accuracy-settings.ts";
import { completed, evaluateOnGpu, openSessionGpu, routingOnGpu } from "./gpu-session.ts";
import { readNorms } from "./model-weights.ts";
import { openEngine } from "./open-engine.ts";
import { startProgress } from "./progress.ts";

/** Weights in float32 that are held at once: the memory of the wasm engine ends at 4 GiB. */
const MOST_IN_MEMORY_B = 4e9;

/** Is the model too large to be held whole, or asked to be read in parts? */
export function readsLayerByLayer(
  workload: Workload,
  { layer_by_layer }: AccuracySettings,
): boolean {
  const weights = weightMatrices(workload).reduce((sum, m) => sum + m.inputs * m.outputs, 0);
  return layer_by_layer === true || 4 * weights > MOST_IN_MEMORY_B;
}

export async function openStreamSession(
  folder: string,
  checkpoint: Checkpoint,
  workload: Workload,
  arch: Arch,
  settings: AccuracySettings,
): Promise<AccuracySession> {
  const { text, calibration, pairs } = prepareTexts(folder, workload, settings);
  const engine = await openEngine(settings.kernel);
  const gpu = await openSessionGpu(settings.kernel, engine);
  const source: WeightSource = {
    matrix: checkpoint.matrix,
    norms: (layer) => readNorms(checkpoint, workload, layer),
    finalNorm: () => checkpoint.vector("final-norm", -1),
  };
  const { tiles } = arch;
  const stored = await storedRanges(checkpoint, workload);
  return {
    text,
    calibration,
    rangeNote: storedNote(stored),
    inUse: gpu.inUse,
    get decoder(): never {
      throw notWhole("activation scores");
    },
    routing: async () =>
      (await routingOnGpu(gpu, { workload, windows: text.windows }, source)) ??
      streamRouting(workload, source, engine, text.windows),
    explain: () => {
      throw notWhole("--explain");
    },
    scores: {
      "measured-sensitivity": () => {
        throw notWhole("measured-sensitivity");
      },
      "forward-curvature": () => {
        throw notWhole("forward-curvature");
      },
    },
    evaluate: async (tileKinds, condition) => {
      requireTiles(arch, tileKinds);
      const ranges = withStored(
        await streamRanges({ workload, tiles }, source, engine, calibration.windows),
        stored,
        tiles,
        weightMatrices(workload),
      );
      const planned = {
        ...{ workload, tiles, ranges, windows: text.windows, pairs },
        ...{ ...condition, without: settings.without ?? [] },
      };
      const scores = await evaluateOnGpu(gpu, planned, source, engine, tileKinds, settings);
      return completed(scores, tileKinds, (rest) => {
        const reference = new Float32Array(referenceLength(workload, text.windows));
        const evaluator = createStreamEvaluator({ ...planned, reference }, source, engine);
        return evaluateInTurn(evaluator, rest, settings, { hasPairs: pairs.length > 0 });
      });
    },
  };
}

async function streamRouting(
  workload: Workload,
  source: WeightSource,
  engine: ReusableEngine,
  windows: readonly TokenWindow[],
): Promise<readonly RoutingEntry[]> {
  const record = createRoutingRecord(workload);
  const model = digitalModel(workload, source, engine);
  await streamPredictions(model, windows, () => {}, { onRouting: record.onRouting });
  return record.entries();
}

function notWhole(what: string): InputError {
  return new InputError("--checkpoint", [
    {
      pointer: "",
      found: `${what} of a model that is read layer by layer`,
      allowed: "a model that fits into memory: up to 4 GB of float32 weights, all layers together",
    },
  ]);
}

/** One run after the other: a layer is all that memory has room for. */
async function evaluateInTurn(
  { scoreReference, scoreText, scorePairs }: ReturnType<typeof createStreamEvaluator>,
  placements: readonly Int32Array[],
  { seed: first, seeds, quiet }: AccuracySettings,
  { hasPairs }: { readonly hasPairs: boolean },
): Promise<readonly PlacementScores[]> {
  const steps = 1 + placements.filter(hasAnalog).length * seeds;
  const progress = startProgress("accuracy", steps, quiet);
  const advance = <T>(result: T): T => {
    progress.advance();
    return result;
  };
  try {
    const digital = advance(await scoreReference());
    const results: PlacementScores[] = [];
    for (const tileKinds of placements) {
      const text: TextScore[] = [];
      const pairs: PairScore[] = [];
      for (let seed = first; seed < first + (hasAnalog(tileKinds) ? seeds : 1); seed++) {
        const task = { tileKinds, seed };
        text.push(hasAnalog(tileKinds) ? advance(await scoreText(task)) : digital);
        if (hasPairs) pairs.push(await scorePairs(task));
      }
      results.push({ text, pairs });
    }
    return results;
  } finally {
    progress.done();
  }
}

/** Checkpoints of mixture-of-experts decoders, fine-tuned with some of their matrices on crossbars. */
import { dirname, resolve } from "node:path";
import { calibrateRanges } from "../../accuracy/calibrate-ranges.ts";
import { createEvaluator, type MatrixRanges } from "../../accuracy/evaluator.ts";
import { scoreWindows } from "../../accuracy/score-text.ts";
import type { AnalogTile } from "../../model/arch.ts";
import type { TextScore } from "../../model/evaluation.ts";
import { InputError } from "../../model/issue.ts";
import type { NetworkSpec, Training } from "../../model/training.ts";
import { TRAINING_DEFAULTS } from "../../model/training-defaults.ts";
import type { Workload } from "../../model/workload.ts";
import type { ReusableEngine } from "../../numerics/engines/reusable.ts";
import { batchesOf, windowExamples } from "../../training/data/batches.ts";
import { unigramEntropy, type Windows } from "../../training/data/windows.ts";
import { type AnalogDecoder, firstState } from "../../training/moe/state.ts";
import { trainMoe } from "../../training/moe/train.ts";
import { trainedModel } from "../../training/moe/trained-model.ts";
import type { Trials, Version } from "../../training/trials/trials.ts";
import { assembleDecoder, type ModelWeights } from "../../transformer/assemble.ts";
import type { TokenWindow } from "../../transformer/batch.ts";
import type { Decoder } from "../../transformer/decoder.ts";
import { isFolder } from "../files.ts";
import { sha256OfFiles, sha256OfValue } from "../hash.ts";
import { readModel, weightFiles } from "../inputs.ts";
import { loadModelWeights, openFolder } from "../model-weights.ts";
import { openEngine } from "../open-engine.ts";
import { openTokenizer } from "../texts.ts";
import { VERSION } from "../version.ts";
import { writeCheckpoint } from "./moe-export.ts";
import { createPlacer } from "./moe-placement.ts";
import type { Phase } from "./phase.ts";
import type { Subject, Trained } from "./subject.ts";
import { type NovelData, novelWindows } from "./task.ts";

type CheckpointSpec = Extract<NetworkSpec, { readonly kind: "checkpoint" }>;

/** All that the phase and the trials share. */
interface Opened {
  readonly spec: Training;
  readonly file: string;
  readonly folder: string;
  /** With the ranges that training starts with. */
  readonly model: AnalogDecoder;
  /** Input ranges by the tile's own rule. */
  readonly direct: MatrixRanges;
  readonly weights: ModelWeights;
  readonly windows: ReturnType<typeof novelWindows>;
  readonly placementOf: ReturnType<typeof createPlacer>;
  readonly engine: ReusableEngine;
}

/** Tokens that input ranges are set on. */
const CALIBRATION_TOKENS = 4096;

/** @param file of the spec, for messages; a checkpoint's path is relative to it */
export async function openMoeSubject(
  spec: Training,
  network: CheckpointSpec,
  file: string,
  tile: AnalogTile,
): Promise<Subject> {
  const { workload, checkpoint: folder } = readModel(undefined, besideFile(network, file));
  if (folder === null) throw new Error("a checkpoint without a folder");
  const checkpoint = await openFolder(folder, workload);
  const weights = await loadModelWeights(checkpoint, workload);
  const engine = await openEngine("wasm");
  const windows = novelWindows(spec.data as NovelData, file, openTokenizer(folder).encode);
  const decoder = decoderOf(workload, weights, engine);
  const calibration = tokenWindows(windows.validation, CALIBRATION_TOKENS);
  const placementOf = createPlacer({ folder, checkpoint, workload, tile, decoder, calibration });
  const tileKinds = await placementOf(network.placement, file, spec.seed);
  requireUntied(workload, tileKinds, file);
  const direct = calibrateRanges(decoder, [tile], calibration);
  const first = firstRule(spec, tile);
  const opened: Opened = {
    ...{ spec, file, folder, weights, windows, placementOf, engine, direct },
    model: {
      workload,
      tiles: [tile],
      tileKinds,
      ranges: first === null ? direct : calibrateRanges(decoder, [first], calibration),
    },
  };
  return {
    ...{ spec, tile, engine },
    measure: "nll",
    digitalPhase: null,
    hardwarePhase: () => hardwarePhase(opened),
    openTrials: async (trained, items) => openTrials(opened, trained, items),
    writeCheckpoint: ({ hardware }, to) => {
      const trained = trainedModel(opened.model, weights, hardware, spec.hardware_aware);
      writeCheckpoint(folder, to, opened.model, trained);
    },
  };
}

/** A head that is the embedding cannot be trained apart from it. */
function requireUntied(workload: Workload, tileKinds: Int32Array, file: string): void {
  if (!workload.tied_head || tileKinds.at(-1)! < 0) return;
  throw new InputError(file, [
    {
      pointer: "/network/placement",
      found: "a placement with an analog LM head, which this model shares with the embedding",
      allowed: "one with a digital LM head",
    },
  ]);
}

/** A path is relative to the file, a bare name that of a shipped checkpoint. */
function besideFile({ checkpoint }: CheckpointSpec, file: string): string {
  const path = resolve(dirname(file), checkpoint);
  return isFolder(path) ? path : checkpoint;
}

const decoderOf = (workload: Workload, weights: ModelWeights, engine: ReusableEngine): Decoder =>
  assembleDecoder(
    workload,
    weights,
    (matrix, values) => engine.digital(values, matrix.outputs, matrix.inputs),
    engine.attend,
  );

/** A rule that the recipe names for the first ranges; null: it is the tile's own. */
function firstRule({ hardware_aware }: Training, tile: AnalogTile): AnalogTile | null {
  const kappa = hardware_aware.input_range?.kappa;
  if (kappa === undefined) return null;
  return { ...tile, numerics: { ...tile.numerics, input_range: { kind: "std", kappa } } };
}

function hardwarePhase({ spec, file, folder, model, weights, windows, engine }: Opened): Phase {
  const { hardware_aware: recipe, seed, data, network } = spec;
  const batchAt = batchesOf(windowExamples(windows.training), recipe.batch_items, seed);
  const { cost: _, ...tile } = model.tiles[0]!;
  return {
    name: "hardware-aware",
    steps: recipe.steps,
    checkpoint_steps: recipe.checkpoint_steps ?? TRAINING_DEFAULTS.checkpoint_steps,
    learningRate: { file, pointer: "/hardware_aware/learning_rate" },
    identity: sha256OfValue({
      ...{ VERSION, seed, data, network, recipe, tile },
      checkpoint: sha256OfFiles(weightFiles(folder)),
    }),
    begin: () => firstState(model, weights),
    run: (start, reportSteps) =>
      trainMoe({ model, weights, recipe, start, batchAt, seed, engine, reportSteps }),
  };
}

/** Both versions on crossbars, with the same matrices analog. */
function openTrials(
  opened: Opened,
  { hardware }: Trained,
  items = Number.POSITIVE_INFINITY,
): Trials {
  const { spec, model, weights, windows, engine, direct } = opened;
  const { workload } = model;
  const { evaluation } = windows;
  const count = Math.min(items, evaluation.items);
  const scored = tokenWindows(evaluation, count * evaluation.context_tokens);
  const targets = evaluation.targets.subarray(0, count * evaluation.context_tokens);
  const versions: Readonly<Record<Version, { weights: ModelWeights; ranges: MatrixRanges }>> = {
    direct: { weights, ranges: direct },
    "hardware-aware": trainedModel(model, weights, hardware, spec.hardware_aware),
  };
  return {
    scale: {
      digital: meanNll(scoreWindows(decoderOf(workload, weights, engine), scored, { seed: 0 })),
      chance: unigramEntropy(targets),
    },
    error: async (version, tile, { seed, age_s, placement }) => {
      const tileKinds =
        placement === undefined
          ? model.tileKinds
          : await opened.placementOf(placement, opened.file, spec.seed);
      const plan = { workload, ...versions[version], tiles: [tile], windows: scored };
      const evaluator = createEvaluator(
        { ...plan, pairs: [], reference: new Float32Array(0), noise_scale: 1, age_s },
        engine,
      );
      try {
        return meanNll(evaluator.scoreText({ tileKinds, seed }));
      } finally {
        evaluator.dispose();
      }
    },
  };
}

const meanNll = ({ nll_sum_nats, predictions }: TextScore): number => nll_sum_nats / predictions;

/** Windows with the token after their last one, so that as many are predicted as a window has. */
function tokenWindows({ items, context_tokens, inputs, targets }: Windows, mostTokens: number) {
  const count = Math.max(1, Math.min(items, Math.floor(mostTokens / context_tokens)));
  return Array.from({ length: count }, (_, w): TokenWindow => {
    const begin = w * context_tokens;
    const tokens = new Int32Array(context_tokens + 1);
    tokens.set(inputs.subarray(begin, begin + context_tokens));
    tokens[context_tokens] = targets[begin + context_tokens - 1]!;
    return { tokens, firstRow: w * (context_tokens + 1) };
  });
}

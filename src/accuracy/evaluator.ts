/** Scores placements of one model on one text: what a worker thread does. */

import { splitIntoBlocks, weightsPerCrossbar } from "../mapping/split.ts";
import type { AnalogTile } from "../model/arch.ts";
import type { TextScore } from "../model/evaluation.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import { type Effect, without } from "../numerics/effects.ts";
import type { Projection } from "../numerics/engine.ts";
import type { DisposableProjection, ReusableEngine } from "../numerics/engines/reusable.ts";
import type { ProgramRequest } from "../numerics/program.ts";
import { createTileProjection, requestOfTile } from "../numerics/tile.ts";
import { assembleDecoder, type ModelWeights, type ProjectionOf } from "../transformer/assemble.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import type { Decoder } from "../transformer/decoder.ts";
import { logSumExp } from "../transformer/log-probabilities.ts";
import { createRunMemory } from "../transformer/run-windows.ts";
import { type AnswerWindow, type PairScore, scoreAnswers } from "./answers.ts";
import { forEachPrediction, predictionsIn, type Visit } from "./predictions.ts";
import { createTally, scoreWindows } from "./score-text.ts";

/** A digital run has no noise, hence no seed. */
const NO_SEED = 0;

/** Input ranges of every matrix on every kind of tile: [tile kind][matrix]; null: dynamic. */
export type MatrixRanges = readonly (readonly (Float64Array | null)[])[];

/** All that scoring needs; plain data, so that it can be handed to worker threads. */
export interface AccuracyPlan {
  readonly workload: Workload;
  /** In shared memory, so that workers do not copy it. */
  readonly weights: ModelWeights;
  readonly tiles: readonly AnalogTile[];
  readonly ranges: MatrixRanges;
  readonly windows: readonly TokenWindow[];
  /** From `pairWindows` or `choiceWindows`; empty: neither is scored. */
  readonly pairs: readonly AnswerWindow[];
  /**
   * Log-probabilities of the all-digital model, [predictions][vocabulary], in shared memory;
   * empty: no KL divergence.
   */
  readonly reference: Float32Array;
  readonly noise_scale: number;
  readonly age_s: number;
  /** Effects that are switched off; left out: none. */
  readonly without?: readonly Effect[];
}

/** One placement under one seed. */
export interface AccuracyTask {
  /** Kind of tile of each matrix; -1: digital. [matrices] */
  readonly tileKinds: Int32Array;
  readonly seed: number;
}

export interface Evaluator {
  /** Scores windows first..last-1 all-digitally and writes their part of `plan.reference`. */
  readonly scoreReference: (first: number, last: number) => TextScore;
  /** Programs the analog matrices with the noise of the seed and scores the whole text. */
  readonly scoreText: (task: AccuracyTask) => TextScore;
  /** The same for the minimal pairs or choices. */
  readonly scorePairs: (task: AccuracyTask) => PairScore;
  /** Lets go of analog matrices that are kept for the next task. */
  readonly release: () => void;
  /** Lets go of all matrices in the engine; the evaluator is of no use after it. */
  readonly dispose: () => void;
}

/** What an evaluator keeps from one task to the next. */
export interface EvaluatorOptions {
  /**
   * Analog matrices are programmed once for all tasks in a row that have the same seed: for many
   * placements under few seeds, at the price of memory for two models. What a placement computes
   * on the text as the one before it did is not computed again: tasks that agree on the first
   * layers should follow each other. Scores are the same bit for bit. Left out: for each task.
   */
  readonly keepsAnalog?: boolean;
}

/**
 * Digital projections are made once and shared by all tasks; analog ones live for one task.
 *
 * @throws InputError when the forward pass of the model's family is not there
 */
export function createEvaluator(
  plan: AccuracyPlan,
  engine: ReusableEngine,
  { keepsAnalog = false }: EvaluatorOptions = {},
): Evaluator {
  const digital = createDigitalCache(engine);
  const analog = createAnalogCache(plan, engine);
  const decoderOf = (projectionOf: ProjectionOf): Decoder =>
    assembleDecoder(plan.workload, plan.weights, projectionOf, engine.attend, engine.vectors);
  const withDecoder = <T>({ tileKinds, seed }: AccuracyTask, use: (decoder: Decoder) => T): T => {
    analog.begin(seed);
    const projectionOf: ProjectionOf = (matrix, weights) => {
      const kind = tileKinds[matrix.id]!;
      return kind < 0 ? digital.get(matrix, weights) : analog.get(kind, matrix, weights);
    };
    try {
      return use(decoderOf(projectionOf));
    } finally {
      if (!keepsAnalog) analog.release();
    }
  };
  const allDigital = decoderOf(digital.get);
  const memory = keepsAnalog ? createRunMemory() : null;
  return {
    scoreReference: (first, last) => scorePart(plan, allDigital, first, last),
    scoreText: (task) =>
      withDecoder(task, (decoder) =>
        scoreWindows(decoder, plan.windows, {
          seed: task.seed,
          ...(plan.reference.length > 0 && { reference: plan.reference }),
          ...(memory && { memory }),
        }),
      ),
    scorePairs: (task) =>
      withDecoder(task, (decoder) => scoreAnswers(decoder, plan.pairs, task.seed)),
    release: analog.release,
    dispose: () => {
      analog.release();
      digital.release();
    },
  };
}

/** Matrices that have been programmed with one seed. */
function createAnalogCache(plan: AccuracyPlan, engine: ReusableEngine) {
  const made = new Map<string, DisposableProjection>();
  let madeWith = NO_SEED;
  const release = (): void => {
    for (const projection of made.values()) projection.dispose();
    made.clear();
  };
  return {
    release,
    /** More than a whole model is not kept: other kinds of tiles have had their turn. */
    begin: (seed: number): void => {
      if (seed !== madeWith || made.size > plan.weights.matrices.length) release();
      madeWith = seed;
    },
    get: (kind: number, matrix: WeightMatrix, weights: Float32Array): Projection => {
      const key = `${kind} ${matrix.id}`;
      const known = made.get(key);
      if (known) return known;
      const request = programRequest(plan, kind, matrix, weights, madeWith);
      const projection = createTileProjection(engine, without(request, plan.without ?? []));
      made.set(key, projection);
      return projection;
    },
  };
}

function createDigitalCache(engine: ReusableEngine) {
  const made = new Map<number, DisposableProjection>();
  return {
    release: (): void => {
      for (const projection of made.values()) projection.dispose();
      made.clear();
    },
    get: (matrix: WeightMatrix, weights: Float32Array): Projection => {
      const known = made.get(matrix.id);
      if (known) return known;
      const projection = engine.digital(weights, matrix.outputs, matrix.inputs);
      made.set(matrix.id, projection);
      return projection;
    },
  };
}

function scorePart(plan: AccuracyPlan, decoder: Decoder, first: number, last: number): TextScore {
  const tally = createReferenceTally(plan, first);
  forEachPrediction(decoder, plan.windows.slice(first, last), tally.visit);
  return tally.score();
}

/** Scores the all-digital run and notes its log-probabilities, from a window on. */
export function createReferenceTally(
  { workload, windows, reference }: Pick<AccuracyPlan, "workload" | "windows" | "reference">,
  first: number,
): { readonly visit: Visit; readonly score: () => TextScore } {
  const vocabulary = workload.vocabulary_tokens;
  const tally = createTally(vocabulary, NO_SEED);
  let at = predictionsIn(windows.slice(0, first)) * vocabulary;
  return {
    visit: (window, target, logits, begin) => {
      tally.visit(window, target, logits, begin);
      const normaliser = logSumExp(logits, begin, vocabulary);
      for (let i = 0; i < vocabulary; i++) reference[at++] = logits[begin + i]! - normaliser;
    },
    score: () => ({ ...tally.score(), kl_sum_nats: 0 }),
  };
}

/** Blocks of a matrix on a kind of tile, as `mapping` cuts it. */
export const blocksOn = (tile: AnalogTile, matrix: WeightMatrix) =>
  splitIntoBlocks({ rows: matrix.inputs, cols: matrix.outputs }, weightsPerCrossbar(tile.crossbar));

/** What programming a matrix on a kind of tile needs. */
export function programRequest(
  plan: Pick<AccuracyPlan, "tiles" | "ranges" | "noise_scale" | "age_s">,
  kind: number,
  matrix: WeightMatrix,
  weights: Float32Array,
  seed: number,
): ProgramRequest {
  const tile = plan.tiles[kind]!;
  return {
    weights,
    matrix,
    blocks: blocksOn(tile, matrix),
    ...requestOfTile(tile),
    inputRanges: plan.ranges[kind]![matrix.id]!,
    seed,
    noise_scale: plan.noise_scale,
    age_s: plan.age_s,
  };
}

/** Room for `AccuracyPlan.reference`, in numbers. */
export const referenceLength = (workload: Workload, windows: readonly TokenWindow[]): number =>
  predictionsIn(windows) * workload.vocabulary_tokens;

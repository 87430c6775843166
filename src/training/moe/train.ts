/**
 * Hardware-aware fine-tuning of a mixture-of-experts decoder: the transformer's own forward and
 * reverse pass, with chosen matrices on noisy crossbars.
 *
 * @source Rasch et al., Nature Communications 14:5282 (2023): noise of the devices in every step,
 *   straight-through gradients, learned input ranges and output scales, distillation.
 */

import { settledRecipe } from "../../model/training-defaults.ts";
import type { HardwareRecipe } from "../../model/training-recipe.ts";
import type { ReusableEngine } from "../../numerics/engines/reusable.ts";
import type { ModelWeights } from "../../transformer/assemble.ts";
import { reverseObjective } from "../../transformer/backward.ts";
import { createReverseSpace } from "../../transformer/backward-space.ts";
import { multiplyOn } from "../../transformer/backward-tools.ts";
import type { TokenBatch } from "../../transformer/batch.ts";
import type { Decoder } from "../../transformer/decoder.ts";
import { head, runModel } from "../../transformer/model.ts";
import { createWorkspace, type Workspace } from "../../transformer/workspace.ts";
import { DivergedError } from "../diverged.ts";
import type { LabelledBatch } from "../network.ts";
import { boundGradients, descend, learningRateAt, type OptimiserState } from "../optimiser.ts";
import type { TrainingState, TrainProgress } from "../session.ts";
import { boundWeights } from "./bound-weights.ts";
import { createStepGradients, type StepGradients } from "./gradients.ts";
import { distillation, type Logits } from "./objective.ts";
import { type TrainedMatrix, throughScales } from "./parameters.ts";
import {
  type AnalogDecoder,
  firstState,
  loadState,
  type NamedParameter,
  parametersOf,
  saveState,
  trainedMatrices,
} from "./state.ts";
import { createStepDecoders, type StepDecoders } from "./step-decoder.ts";

export interface MoeTrainRequest {
  readonly model: AnalogDecoder;
  /** Of the model as it came: where training starts, what stays digital, and the teacher. */
  readonly weights: ModelWeights;
  readonly recipe: HardwareRecipe;
  /** From an earlier event; left out: from the beginning. */
  readonly start?: TrainingState;
  /** Windows of a step: inputs and labels [examples][tokens]. Depends on the step only. */
  readonly batchAt: (step: number) => LabelledBatch;
  /** Whole, below 2^20. */
  readonly seed: number;
  readonly engine: ReusableEngine;
  /** Steps between events; left out: 10. */
  readonly reportSteps?: number;
}

type Settled = ReturnType<typeof settledRecipe>;

/**
 * Yields an event every few steps and after the last one.
 *
 * @returns the final state
 * @throws DivergedError when the loss or the gradient is no longer finite
 */
export function* trainMoe(request: MoeTrainRequest): Generator<TrainProgress, TrainingState> {
  const { model, weights, engine, reportSteps = 10 } = request;
  const recipe = settledRecipe(request.recipe);
  const trained = trainedMatrices(model, weights.matrices);
  const parameters = parametersOf(trained);
  const start = request.start ?? firstState(model, weights);
  const optimiser = loadState(start, parameters, recipe.optimiser);
  const decoders = createStepDecoders(model.workload, weights, trained, engine);
  const run = createStep(request, recipe, trained, decoders);
  const state = (): TrainingState => saveState(parameters, optimiser);
  const losses: number[] = [];
  try {
    for (let step = optimiser.steps; step < recipe.steps; step++) {
      const { loss_nats, gradients, noise_frac } = run(step);
      const gradient_norm = boundGradients(gradients, recipe.gradient_norm_bound);
      const learning_rate = rateOf(recipe, step);
      update(parameters, gradients, optimiser, recipe, learning_rate);
      for (const matrix of trained)
        boundWeights(matrix, recipe.weight_clip, recipe.remap === "column");
      if (!Number.isFinite(loss_nats + gradient_norm) || !areSound(parameters))
        throw new DivergedError(step, loss_nats);
      losses.push(loss_nats);
      if (optimiser.steps % reportSteps !== 0 && optimiser.steps < recipe.steps) continue;
      const mean = losses.reduce((a, b) => a + b, 0) / losses.length;
      yield {
        ...{ step: optimiser.steps, loss_nats: mean },
        ...{ learning_rate, noise_frac, gradient_norm, state },
      };
      losses.length = 0;
    }
    return state();
  } finally {
    decoders.dispose();
  }
}

const rateOf = ({ schedule, learning_rate, steps }: Settled, step: number): number =>
  learningRateAt(schedule, learning_rate, step, steps);

/** Scales and ranges that are not learned stay; weight decay is for weights only. */
function update(
  parameters: readonly NamedParameter[],
  gradients: readonly Float32Array[],
  optimiser: OptimiserState,
  { optimiser: spec, learned_scales, input_range }: Settled,
  learningRate: number,
): void {
  const { learned, learning_rate_factor } = input_range;
  const rates = {
    weight: learningRate,
    scale: learned_scales ? learningRate : 0,
    range: learned ? learningRate * learning_rate_factor : 0,
  };
  for (const kind of ["weight", "scale", "range"] as const) {
    if (rates[kind] === 0) continue;
    const pick = <T>(all: readonly T[]): readonly T[] =>
      all.filter((_, i) => parameters[i]!.kind === kind);
    const values = pick(parameters).map((parameter) => parameter.values);
    const { steps, first, second } = optimiser;
    const part = { steps, first: pick(first), second: pick(second) };
    const decays = values.map(() => kind === "weight");
    descend(spec, part, values, pick(gradients), rates[kind], decays);
  }
  optimiser.steps++;
}

/** e to the power of it is no number that float32 has room for, or nearly 0. */
const MOST_LOGARITHM = 80;

const areSound = (parameters: readonly NamedParameter[]): boolean =>
  parameters.every(({ kind, values }) =>
    isBounded(values, kind === "weight" ? Number.MAX_VALUE : MOST_LOGARITHM),
  );

function isBounded(values: Float32Array, bound: number): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]!) <= bound)) return false;
  return true;
}

/** Seeds of the noise of steps: none of a step is one of an evaluation, which are below 2^32. */
const stepSeed = (seed: number, step: number): number => (step + 1) * 2 ** 32 + seed;

/** One step without its update. */
function createStep(
  { model: { workload }, engine, batchAt, seed }: MoeTrainRequest,
  recipe: Settled,
  trained: readonly TrainedMatrix[],
  decoders: StepDecoders,
) {
  const { forward, input_range, weight_noise, drop_connect_frac } = recipe;
  const multiply = multiplyOn(engine.digital);
  const gradients = createStepGradients(trained, forward, input_range, multiply);
  const { convertInputs, onProduct } = gradients;
  const lowestLayer = Math.min(...trained.map(({ matrix }) => Math.max(0, matrix.layer)));
  const objectiveOf = createObjective(recipe, decoders.digital);
  const spaceFor = createRoom((rows, window) => createReverseSpace(workload, rows, window));
  return (step: number) => {
    const { batch, labels } = tokenBatchOf(batchAt(step));
    const noise_frac = rampOf(recipe, step);
    const noise = { weight_noise, drop_connect_frac, forward, share: noise_frac };
    const noisy = decoders.noisy({ ...noise, seed: stepSeed(seed, step) });
    gradients.begin(noisy);
    const hooks = { onProduct };
    const tools = { transposed: noisy.transposed, multiply, convertInputs, hooks };
    const objective = objectiveOf(batch, labels);
    const space = spaceFor(batch);
    const { sum } = reverseObjective(noisy.decoder, batch, objective, space, tools, lowestLayer);
    noisy.dispose();
    return { loss_nats: sum, gradients: inOrder(trained, gradients), noise_frac };
  };
}

const rampOf = ({ ramp_steps }: Settled, step: number): number =>
  ramp_steps === 0 ? 1 : Math.min(1, (step + 1) / ramp_steps);

/** Buffers for batches of a size, made again when a larger one comes. */
function createRoom<T>(make: (rows: number, windowTokens: number) => T) {
  let room: { readonly rows: number; readonly windowTokens: number; readonly made: T } | null =
    null;
  return ({ rows, windowBegin }: TokenBatch): T => {
    const windowTokens = windowBegin[1]!;
    if (room === null || room.rows < rows || room.windowTokens < windowTokens)
      room = { rows, windowTokens, made: make(rows, windowTokens) };
    return room.made;
  };
}

/** The loss of a batch, with the digital model as the teacher. */
function createObjective({ distillation: weights }: Settled, teacher: Decoder) {
  const { workload } = teacher;
  const spaceFor = createRoom((rows, window) => createWorkspace(workload, rows, window));
  return (batch: TokenBatch, labels: Int32Array) =>
    distillation(
      weights,
      weights.weight_frac > 0 ? teacherOn(teacher, batch, spaceFor(batch)) : noTeacher,
      (row) => labels[row]!,
      batch.rows,
      workload.vocabulary_tokens,
    );
}

const noTeacher = (): never => {
  throw new Error("a loss without distillation asks for a teacher");
};

/** Gradients in the order of `parametersOf`. */
function inOrder(trained: readonly TrainedMatrix[], { of }: StepGradients): Float32Array[] {
  const scales = trained.map((matrix, i) => throughScales(matrix, of[i]!.weights));
  return [
    ...of.map(({ weights }) => weights),
    ...scales,
    ...of.flatMap(({ logRanges }) => (logRanges === null ? [] : [logRanges])),
  ];
}

function tokenBatchOf({ examples, inputs, labels }: LabelledBatch) {
  const rows = inputs.length;
  const batch: TokenBatch = {
    rows,
    tokens: Int32Array.from(inputs),
    rowIds: Uint32Array.from({ length: rows }, (_, row) => row),
    windowBegin: Int32Array.from({ length: examples + 1 }, (_, w) => (w * rows) / examples),
  };
  return { batch, labels };
}

/** Rows whose teacher logits are computed together. */
const TEACHER_ROWS = 128;

/** The digital model's logits, some rows at a time; rows are asked for in rising order. */
function teacherOn(decoder: Decoder, batch: TokenBatch, space: Workspace) {
  const vocabulary = decoder.workload.vocabulary_tokens;
  const logits = new Float32Array(TEACHER_ROWS * vocabulary);
  const hidden = runModel(decoder, batch, space);
  let first = -TEACHER_ROWS;
  return (row: number): Logits => {
    if (row >= first + TEACHER_ROWS) {
      first = row - (row % TEACHER_ROWS);
      const end = Math.min(first + TEACHER_ROWS, batch.rows);
      head(decoder, batch, hidden, first, end, logits, space);
    }
    return { logits, begin: (row - first) * vocabulary };
  };
}

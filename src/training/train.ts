/** Training, step by step: digital, or with crossbars in the loop. */
import * as tf from "@tensorflow/tfjs-core";
import { DivergedError } from "./diverged.ts";
import { createHardwareLoop, type HardwareLoop } from "./hardware-loop.ts";
import type { HardwareStep } from "./hardware-step.ts";
import { type Distillation, lossOf } from "./loss.ts";
import type { LabelledBatch, Network, ParameterOf } from "./network.ts";
import { boundGradients, descend, learningRateAt } from "./optimiser.ts";
import { digitally, parameterTensors, scaleName, tensorByName } from "./parameter-tensors.ts";
import { digitalNetwork } from "./programmed.ts";
import type { TrainingState, TrainProgress, TrainRequest } from "./session.ts";
import { loadState, type RunState, saveState } from "./state.ts";
import { valuesOf } from "./tensors.ts";

const REPORT_STEPS = 10;

/**
 * Trains from a state up to `recipe.steps`; tensors must be open (`openTensors`).
 *
 * What a step does depends on the state before it, on its number and on the seed only: going on
 * from a saved state yields the same bits.
 *
 * @throws DivergedError when the loss is no number; every state yielded before it is sound
 */
export function* train(request: TrainRequest): Generator<TrainProgress, TrainingState> {
  const { network, recipe, start, reportSteps = REPORT_STEPS } = request;
  const run = loadState(network, recipe.optimiser, start);
  const loop = request.hardware === undefined ? null : createHardwareLoop(request, run);
  const teach = createTeacher(request);
  let [sum, count] = [0, 0];
  try {
    for (let step = start.step; step < recipe.steps; step++) {
      const { loss_nats, ...taken } = takeStep(request, run, loop, teach, step);
      sum += loss_nats;
      count++;
      const done = step + 1;
      if (done % reportSteps !== 0 && done !== recipe.steps) continue;
      const state = () => saveState(run, done);
      yield { step: done, loss_nats: sum / count, ...taken, state };
      [sum, count] = [0, 0];
    }
  } finally {
    teach.dispose();
  }
  return saveState(run, Math.max(start.step, recipe.steps));
}

interface Taken {
  readonly loss_nats: number;
  readonly learning_rate: number;
  readonly noise_frac: number;
  readonly gradient_norm: number;
}

function takeStep(
  { network, recipe, batchAt }: TrainRequest,
  run: RunState,
  loop: HardwareLoop | null,
  teach: Teacher,
  step: number,
): Taken {
  const batch = batchAt(step);
  const hardware = loop?.open(step, batch) ?? null;
  const { loss_nats, gradients } = gradientsOf(network, run, hardware, batch, teach.outputs(batch));
  hardware?.dispose();
  if (loop !== null && !loop.learnsScales) freezeScales(network, gradients);
  const gradient_norm = boundGradients(gradients, recipe.gradient_norm_bound ?? 0);
  if (!Number.isFinite(loss_nats) || !Number.isFinite(gradient_norm))
    throw new DivergedError(step, loss_nats);
  const learning_rate = learningRateAt(recipe.schedule, recipe.learning_rate, step, recipe.steps);
  const parameters = network.parameters.length;
  const decays = network.parameters.map((parameter) => parameter.decays);
  descendPart(run, recipe, [0, parameters], gradients, learning_rate, decays);
  if (loop !== null && hardware !== null) {
    const ranges = loop.rangeGradients(hardware, step);
    const part: Part = [parameters, parameters + ranges.length];
    const still = ranges.map(() => false);
    descendPart(run, recipe, part, ranges, learning_rate * loop.rangeRate, still);
    loop.settle(hardware, step);
  }
  run.optimiser.steps++;
  return { loss_nats, learning_rate, gradient_norm, noise_frac: loop?.share(step) ?? 0 };
}

/** Of what is trained, half-open. */
type Part = readonly [begin: number, end: number];

/** A step of part of what is trained; the optimiser's count of steps stays. */
function descendPart(
  { optimiser: { steps, first, second }, trained }: RunState,
  { optimiser }: Pick<TrainRequest["recipe"], "optimiser">,
  part: Part,
  gradients: readonly Float32Array[],
  rate: number,
  decays: readonly boolean[],
): void {
  const memory = { steps, first: first.slice(...part), second: second.slice(...part) };
  descend(optimiser, memory, trained.slice(...part), gradients, rate, decays);
}

/** Loss of a batch and its gradient by every parameter, in the order of `network.parameters`. */
function gradientsOf(
  network: Network,
  { values }: RunState,
  hardware: HardwareStep | null,
  batch: LabelledBatch,
  distillation: Distillation | null,
): { readonly loss_nats: number; readonly gradients: readonly Float32Array[] } {
  const tensors = parameterTensors(network, values);
  const parameterOf: ParameterOf = tensorByName(network, tensors);
  const execute = hardware?.executeOn(parameterOf) ?? digitally(parameterOf);
  const { value, grads } = tf
    .engine()
    .gradients(
      () => lossOf(network.forward(batch, parameterOf, execute), batch.labels, distillation),
      [...tensors],
    );
  const loss_nats = value.dataSync()[0]!;
  const gradients = grads.map(valuesOf);
  tf.dispose([value, ...grads, ...tensors]);
  return { loss_nats, gradients };
}

function freezeScales({ parameters, products }: Network, gradients: readonly Float32Array[]): void {
  const names = new Set(products.map(scaleName));
  parameters.forEach(({ name }, p) => {
    if (names.has(name)) gradients[p]!.fill(0);
  });
}

/** The digital network whose outputs are imitated, if any. */
interface Teacher {
  readonly outputs: (batch: LabelledBatch) => Distillation | null;
  readonly dispose: () => void;
}

function createTeacher({ network, hardware }: TrainRequest): Teacher {
  const { distillation } = hardware?.recipe ?? {};
  if (hardware === undefined || distillation === undefined || distillation.weight_frac === 0)
    return { outputs: () => null, dispose: () => {} };
  if (hardware.teacher === undefined) throw new Error("a recipe that distils needs a teacher");
  const teacher = digitalNetwork(network, hardware.teacher);
  return {
    outputs: (batch) => ({
      weight: distillation.weight_frac,
      temperature: distillation.temperature_factor,
      teacher: teacher.logits(batch, 0),
    }),
    dispose: teacher.dispose,
  };
}

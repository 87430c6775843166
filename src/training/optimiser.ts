/** Gradient descent on plain arrays, in place; deterministic, and all of its state can be saved. */

import { settledOptimiser, settledSchedule } from "../model/training-defaults.ts";
import type { OptimiserSpec, ScheduleSpec } from "../model/training-recipe.ts";

/** What an optimiser remembers between steps. */
export interface OptimiserState {
  /** Steps done. */
  steps: number;
  /** Momentum, or mean gradient; one array a parameter. */
  readonly first: readonly Float32Array[];
  /** Mean squared gradient; empty for SGD. */
  readonly second: readonly Float32Array[];
}

export function createOptimiserState(
  spec: OptimiserSpec,
  parameters: readonly Float32Array[],
): OptimiserState {
  const zeros = () => parameters.map(({ length }) => new Float32Array(length));
  return { steps: 0, first: zeros(), second: spec.kind === "adamw" ? zeros() : [] };
}

/**
 * One step; changes parameters and state.
 *
 * @param gradients of a loss that is to fall, one array a parameter
 * @param decays whether weight decay is for the parameter; left out: for all
 * @source AdamW: Loshchilov and Hutter, arXiv 1711.05101, algorithm 2. SGD with momentum: Sutskever
 *   et al., ICML 2013, as torch.optim.SGD has it (velocity = momentum x velocity + gradient).
 */
export function descend(
  spec: OptimiserSpec,
  state: OptimiserState,
  parameters: readonly Float32Array[],
  gradients: readonly Float32Array[],
  learningRate: number,
  decays: readonly boolean[] = [],
): void {
  const step = spec.kind === "adamw" ? adamwStep(spec, state.steps + 1) : sgdStep(spec);
  parameters.forEach((parameter, p) => {
    const moments = { first: state.first[p]!, second: state.second[p] };
    step(parameter, gradients[p]!, moments, learningRate, decays[p] ?? true);
  });
  state.steps++;
}

type Step = (
  parameter: Float32Array,
  gradient: Float32Array,
  moments: { readonly first: Float32Array; readonly second: Float32Array | undefined },
  learningRate: number,
  decays: boolean,
) => void;

/** @param step counted from 1 */
function adamwStep(spec: Extract<OptimiserSpec, { kind: "adamw" }>, step: number): Step {
  const settled = settledOptimiser(spec);
  if (!("beta1_frac" in settled)) throw new Error("AdamW without its constants");
  const { beta1_frac: b1, beta2_frac: b2, epsilon, weight_decay_factor } = settled;
  const [unbias1, unbias2] = [1 / (1 - b1 ** step), 1 / (1 - b2 ** step)];
  return (parameter, gradient, { first, second }, learningRate, decays) => {
    const keep = decays ? 1 - learningRate * weight_decay_factor : 1;
    for (let i = 0; i < parameter.length; i++) {
      const g = gradient[i]!;
      const m = b1 * first[i]! + (1 - b1) * g;
      const v = b2 * second![i]! + (1 - b2) * g * g;
      first[i] = m;
      second![i] = v;
      const change = (m * unbias1) / (Math.sqrt(v * unbias2) + epsilon);
      parameter[i] = keep * parameter[i]! - learningRate * change;
    }
  };
}

function sgdStep(spec: Extract<OptimiserSpec, { kind: "sgd" }>): Step {
  const settled = settledOptimiser(spec);
  if (!("momentum_frac" in settled)) throw new Error("SGD without its constants");
  const { momentum_frac, weight_decay_factor } = settled;
  return (parameter, gradient, { first }, learningRate, decays) => {
    const decay = decays ? weight_decay_factor : 0;
    for (let i = 0; i < parameter.length; i++) {
      const velocity = momentum_frac * first[i]! + gradient[i]! + decay * parameter[i]!;
      first[i] = velocity;
      parameter[i] = parameter[i]! - learningRate * velocity;
    }
  };
}

/**
 * Learning rate of a step, counted from 0: a linear rise, then constant or half a cosine.
 *
 * @source Loshchilov and Hutter, "SGDR", arXiv 1608.03983, eq. 5, without restarts.
 */
export function learningRateAt(
  schedule: ScheduleSpec | undefined,
  largest: number,
  step: number,
  steps: number,
): number {
  const settled = settledSchedule(schedule);
  const { warmup_steps } = settled;
  if (step < warmup_steps) return (largest * (step + 1)) / warmup_steps;
  if (settled.kind === "constant") return largest;
  const final = settled.final_frac ?? 0;
  const done = (step - warmup_steps) / Math.max(1, steps - warmup_steps);
  return largest * (final + (1 - final) * 0.5 * (1 + Math.cos(Math.PI * done)));
}

/**
 * Shortens the gradient of all parameters together to a norm; in place.
 *
 * @param bound 0: never
 * @returns its norm before
 * @source Pascanu et al., ICML 2013, algorithm 1.
 */
export function boundGradients(gradients: readonly Float32Array[], bound: number): number {
  let squares = 0;
  for (const gradient of gradients)
    for (let i = 0; i < gradient.length; i++) squares += gradient[i]! * gradient[i]!;
  const norm = Math.sqrt(squares);
  if (!(bound > 0) || !(norm > bound)) return norm;
  const factor = bound / norm;
  for (const gradient of gradients)
    for (let i = 0; i < gradient.length; i++) gradient[i] = gradient[i]! * factor;
  return norm;
}

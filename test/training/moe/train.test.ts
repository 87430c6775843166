import { describe, expect, test } from "vitest";
import type { HardwareRecipe } from "../../../src/model/training-recipe.ts";
import { standardDeviation } from "../../../src/numerics/calibrate.ts";
import { rowMaxima } from "../../../src/numerics/hwa/clip.ts";
import { DivergedError } from "../../../src/training/diverged.ts";
import { trainMoe } from "../../../src/training/moe/train.ts";
import { trainedModel } from "../../../src/training/moe/trained-model.ts";
import type { TrainingState } from "../../../src/training/session.ts";
import { decodeState, encodeState } from "../../../src/training/trials/state-file.ts";
import { batches, engine, modelWith, tileWith, weights } from "./small-model.ts";

const assumed = { source: "made up for tests", evidence: "assumed" } as const;
const model = modelWith(
  tileWith({ output_noise: { std: 0.04, ...assumed }, output_bound: 10 }, 8),
  6,
);
const RECIPE: HardwareRecipe = {
  steps: 40,
  batch_items: 6,
  learning_rate: 0.01,
  optimiser: { kind: "adamw" },
  weight_noise: { kind: "gaussian", std: 0.1 },
  ramp_steps: 5,
  input_range: { gradient: "straight-through", decay_factor: 0, learning_rate_factor: 4 },
  distillation: { weight_frac: 1, temperature_factor: 1 },
};
const request = { model, weights, recipe: RECIPE, batchAt: batches(6, 1), seed: 2, engine };

function run(recipe: Partial<HardwareRecipe>, start?: TrainingState, batchAt = request.batchAt) {
  const own = { ...request, batchAt, recipe: { ...RECIPE, ...recipe }, reportSteps: 1 };
  return [...trainMoe({ ...own, ...(start !== undefined && { start }) })];
}

describe("training", () => {
  const trained = run({}).at(-1)!.state();

  test("goes on from a saved state as if it had not stopped, bit by bit", () => {
    const own = { ...request, reportSteps: 17 };
    const half = trainMoe(own).next();
    if (half.done) throw new Error("no step");
    const { state } = decodeState(encodeState(half.value.state(), {}), "memory");
    expect(state.step).toBe(17);
    const again = run({}, state).at(-1)!.state();
    expect(again.step).toBe(40);
    expect(again.parameters).toEqual(trained.parameters);
    expect(again.moments).toEqual(trained.moments);
  });

  test("makes the noisy model more like the digital one, on text that it was not trained on", () => {
    // Losses of many steps that change nothing, each with its own noise and its own text
    const still = { learning_rate: 1e-30, steps: 30, ramp_steps: 0 };
    const losses = (start?: TrainingState): Float32Array => {
      const at = start === undefined ? undefined : { ...start, step: 0, moments: new Map() };
      return Float32Array.from(run(still, at, batches(6, 99)), ({ loss_nats }) => loss_nats);
    };
    const before = losses();
    const gains = losses(trained).map((loss, i) => before[i]! - loss);
    const mean = gains.reduce((a, b) => a + b, 0) / gains.length;
    expect(mean).toBeGreaterThan(5 * (standardDeviation(gains) / Math.sqrt(gains.length)));
    expect(mean).toBeGreaterThan((0.1 * before.reduce((a, b) => a + b, 0)) / before.length);
  });

  test("stretches columns to full scale and leaves what stays digital", () => {
    for (const [name, values] of trained.parameters)
      if (name.endsWith(".weight")) {
        const width = name.includes("down") ? 7 : 20;
        for (const max of rowMaxima(values, width)) expect(max).toBeCloseTo(1, 6);
      }
    const { weights: after } = trainedModel(model, weights, trained, RECIPE);
    model.tileKinds.forEach((kind, id) => {
      if (kind < 0) expect(after.matrices[id]).toBe(weights.matrices[id]);
      else expect(after.matrices[id]).not.toEqual(weights.matrices[id]);
    });
  });

  test("reports the ramp and the rate", () => {
    const events = run({ steps: 6 });
    expect(events.map(({ noise_frac }) => noise_frac)).toEqual([0.2, 0.4, 0.6, 0.8, 1, 1]);
    expect(events[0]!.learning_rate).toBeCloseTo(0.01, 12);
  });
});

test("nothing is learned that the recipe does not name", () => {
  const { parameters } = run({
    ...{ steps: 2, remap: "none", learned_scales: false, input_range: { learned: false } },
  })
    .at(-1)!
    .state();
  const before = run({ steps: 1, remap: "none", learning_rate: 1e-30 }).at(-1)!.state().parameters;
  for (const [name, values] of parameters)
    if (name.endsWith(".weight")) expect(values).not.toEqual(before.get(name));
    else expect(values).toEqual(before.get(name));
});

test("weights are clipped at so many of their standard deviations", () => {
  const state = run({
    ...{ steps: 1, remap: "none", learning_rate: 1e-30 },
    weight_clip: { kind: "gaussian", sigma_factor: 1 },
  })
    .at(-1)!
    .state();
  const before = run({ steps: 1, remap: "none", learning_rate: 1e-30 }).at(-1)!.state();
  for (const [name, values] of state.parameters) {
    if (!name.endsWith(".weight")) continue;
    const bound = standardDeviation(before.parameters.get(name)!);
    expect(Math.max(...values.map(Math.abs))).toBeCloseTo(bound, 6);
  }
});

test("a rate that leaves the numbers stops with the step", () => {
  const diverging = { learning_rate: 1e30, optimiser: { kind: "sgd" }, steps: 20 } as const;
  expect(() => run(diverging)).toThrow(DivergedError);
});

test("a state of another model is refused", () => {
  const state = run({ steps: 1 })[0]!.state();
  const parameters = new Map([...state.parameters].slice(1));
  expect(() => run({}, { ...state, parameters })).toThrow(/saved state has no/);
});

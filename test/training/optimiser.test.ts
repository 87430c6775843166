import { describe, expect, test } from "vitest";
import type { OptimiserSpec } from "../../src/model/training-recipe.ts";
import {
  boundGradients,
  createOptimiserState,
  descend,
  learningRateAt,
} from "../../src/training/optimiser.ts";

const GRADIENTS = [0.5, -2, 0.25, 1, -0.125];
const RATE = 0.1;

/** A parameter after steps with the gradients above, from 1. */
function path(spec: OptimiserSpec): number[] {
  const parameter = Float32Array.of(1);
  const state = createOptimiserState(spec, [parameter]);
  return GRADIENTS.map((g) => {
    descend(spec, state, [parameter], [Float32Array.of(g)], RATE);
    return parameter[0]!;
  });
}

test("SGD: velocity = momentum x velocity + gradient + decay x weight", () => {
  let [w, v] = [1, 0];
  const expected = GRADIENTS.map((g) => {
    v = 0.8 * v + g + 0.01 * w;
    w -= RATE * v;
    return expect.closeTo(w, 5);
  });
  expect(path({ kind: "sgd", momentum_frac: 0.8, weight_decay_factor: 0.01 })).toEqual(expected);
});

test("AdamW: algorithm 2 of arXiv 1711.05101", () => {
  const [b1, b2, epsilon, decay] = [0.9, 0.99, 1e-6, 0.02];
  let [w, m, v] = [1, 0, 0];
  const expected = GRADIENTS.map((g, i) => {
    m = b1 * m + (1 - b1) * g;
    v = b2 * v + (1 - b2) * g * g;
    const change = m / (1 - b1 ** (i + 1)) / (Math.sqrt(v / (1 - b2 ** (i + 1))) + epsilon);
    w -= RATE * (change + decay * w);
    return expect.closeTo(w, 5);
  });
  const spec = { beta1_frac: b1, beta2_frac: b2, epsilon, weight_decay_factor: decay };
  expect(path({ kind: "adamw", ...spec })).toEqual(expected);
});

test("the first step of Adam is the rate, whatever the size of the gradient", () => {
  for (const g of [1e-3, 7]) {
    const parameter = Float32Array.of(0);
    const state = createOptimiserState({ kind: "adamw" }, [parameter]);
    descend({ kind: "adamw" }, state, [parameter], [Float32Array.of(-g)], RATE);
    expect(parameter[0]).toBeCloseTo(RATE, 4);
  }
});

test("decay spares parameters that are no weights", () => {
  const spec = { kind: "sgd", weight_decay_factor: 0.5 } as const;
  const parameters = [Float32Array.of(1), Float32Array.of(1)];
  const state = createOptimiserState(spec, parameters);
  descend(spec, state, parameters, [new Float32Array(1), new Float32Array(1)], 0.1, [true, false]);
  expect(parameters.map(([w]) => w)).toEqual([expect.closeTo(0.95, 6), 1]);
});

describe("learning rate", () => {
  const at = (step: number) =>
    learningRateAt({ kind: "cosine", warmup_steps: 4, final_frac: 0.1 }, 2, step, 24);
  test("rises linearly, then falls as half a cosine", () => {
    expect([0, 1, 2, 3].map(at)).toEqual([0.5, 1, 1.5, 2]);
    expect(at(4)).toBeCloseTo(2, 12);
    expect(at(14)).toBeCloseTo(2 * 0.55, 12);
    expect(at(24)).toBeCloseTo(0.2, 12);
  });
  test("is constant where the schedule says so", () => {
    expect(learningRateAt({ kind: "constant" }, 3, 17, 20)).toBe(3);
  });
});

test("gradients longer than the bound are shortened to it, together", () => {
  const gradients = [Float32Array.of(3), Float32Array.of(0, 4)];
  expect(boundGradients(gradients, 0)).toBe(5);
  expect(boundGradients(gradients, 10)).toBe(5);
  expect(boundGradients(gradients, 2.5)).toBe(5);
  expect(gradients.map((g) => [...g])).toEqual([[1.5], [0, 2]]);
});

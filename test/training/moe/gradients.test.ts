import { describe, expect, test } from "vitest";
import type { AnalogTile } from "../../../src/model/arch.ts";
import { weightMatrices } from "../../../src/model/matrix.ts";
import type { HardwareRecipe } from "../../../src/model/training-recipe.ts";
import { trainedMatrices } from "../../../src/training/moe/state.ts";
import { trainMoe } from "../../../src/training/moe/train.ts";
import type { TrainingState } from "../../../src/training/session.ts";
import { logLikelihood64, parameters64 } from "../../oracle/decoder.ts";
import { SMALL } from "../../transformer/random-model.ts";
import { batches, CONTEXT, engine, modelWith, PLAIN, tileWith, weights } from "./small-model.ts";

const EXAMPLES = 3;
const batchAt = batches(EXAMPLES, 1);

/** The loss of the first step, and how it changes parameters at a rate of one: the gradient. */
function firstStep(tile: AnalogTile, range: number, recipe: Partial<HardwareRecipe> = {}, at = 0) {
  const model = modelWith(tile, range);
  const start = trainedMatrices(model, weights.matrices);
  const request = { model, weights, recipe: { ...PLAIN, ...recipe }, batchAt, seed: 3, engine };
  const moved = new Map<string, Float32Array>();
  const begin = startAt(request, at);
  const run = trainMoe({ ...request, ...(begin !== null && { start: begin }) });
  const event = run.next();
  if (event.done) throw new Error("no step");
  const { parameters } = event.value.state();
  for (const t of start) {
    for (const [kind, before] of [
      ["weight", t.weights],
      ["scale", t.logScales],
      ["range", t.logRanges],
    ] as const) {
      const after = parameters.get(`${t.name}.${kind}`)!;
      moved.set(
        `${t.name}.${kind}`,
        before!.map((value, i) => value - after[i]!),
      );
    }
  }
  return { loss: event.value.loss_nats, gradient: moved, trained: start };
}

/** A start whose ranges are all e^at times as wide. */
function startAt(request: Parameters<typeof trainMoe>[0], at: number): TrainingState | null {
  if (at === 0) return null;
  const event = trainMoe({
    ...request,
    recipe: { ...request.recipe, learning_rate: 1e-30 },
  }).next();
  if (event.done) throw new Error("no step");
  const state = event.value.state();
  for (const [name, values] of state.parameters)
    if (name.endsWith(".range"))
      for (let i = 0; i < values.length; i++) values[i] = values[i]! + at;
  return { ...state, step: 0, moments: new Map() };
}

describe("without noise and rounding", () => {
  const { loss, gradient, trained } = firstStep(tileWith(), 1e6);
  const parameters = parameters64(weights);
  const { inputs, labels } = batchAt(0);
  const windows = Array.from({ length: EXAMPLES }, (_, e) => [
    ...inputs.slice(e * CONTEXT, (e + 1) * CONTEXT),
    labels[(e + 1) * CONTEXT - 1]!,
  ]);
  const meanNll = (): number =>
    -windows.reduce((sum, w) => sum + logLikelihood64(SMALL, parameters, Int32Array.from(w)), 0) /
    (EXAMPLES * CONTEXT);

  test("the loss is the mean NLL", () => {
    expect(loss).toBeCloseTo(meanNll(), 5);
  });

  // Central differences at two steps with Richardson's extrapolation, in float64
  const slope = (matrix: Float64Array, direction: Float64Array): number => {
    const original = matrix.slice();
    const at = (step: number): number => {
      for (let i = 0; i < matrix.length; i++) matrix[i] = original[i]! + step * direction[i]!;
      const value = meanNll();
      matrix.set(original);
      return value;
    };
    const difference = (step: number): number => (at(step) - at(-step)) / (2 * step);
    return (4 * difference(5e-5) - difference(1e-4)) / 3;
  };

  const names = weightMatrices(SMALL).filter(({ module }) => module === "expert");
  test.each(trained.map((t) => [t.name, t] as const))("%s: finite differences", (name, t) => {
    expect(names).toContainEqual(t.matrix);
    const { inputs: width } = t.matrix;
    const scales = Float64Array.from(t.logScales, Math.exp);
    const byWeight = gradient.get(`${name}.weight`)!;
    const size = Math.hypot(...byWeight);
    if (size === 0) return;
    const matrix = parameters.matrices[t.matrix.id]!;
    const along = Float64Array.from(
      byWeight,
      (g, i) => (scales[Math.floor(i / width)]! * g) / size,
    );
    // float32 differences of parameters near one carry 6e-8 each, of gradients of 1e-3 and more
    expect(Math.abs(slope(matrix, along) / size - 1)).toBeLessThan(2e-3);
    const across = along.map((d, i) => (i % 2 === 0 ? d : -d));
    const expected = byWeight.reduce((sum, g, i) => sum + (i % 2 === 0 ? g * g : -g * g), 0) / size;
    expect(Math.abs(slope(matrix, across) - expected) / size).toBeLessThan(2e-3);
    const byScale = gradient.get(`${name}.scale`)!;
    const o = byScale.reduce(
      (best, g, i) => (Math.abs(g) > Math.abs(byScale[best]!) ? i : best),
      0,
    );
    const row = matrix.map((w, i) => (Math.floor(i / width) === o ? w : 0));
    expect(slope(matrix, row) / byScale[o]!).toBeCloseTo(1, 2);
  });

  test("matrices that stay digital do not change, experts that saw tokens do", () => {
    expect([...gradient.keys()].every((name) => name.includes("expert"))).toBe(true);
    const seen = trained.filter(({ name }) => Math.hypot(...gradient.get(`${name}.weight`)!) > 0);
    expect(seen.length).toBeGreaterThan(trained.length / 2);
  });
});

test("where inputs are clipped, the gradient by the ranges is that of finite differences", () => {
  const range = 0.8;
  const { gradient } = firstStep(tileWith(), range);
  const total = [...gradient].reduce(
    (sum, [name, g]) => sum + (name.endsWith(".range") ? g[0]! : 0),
    0,
  );
  const still = { learning_rate: 1e-30 };
  // Short, since the slope changes wherever an input comes to be clipped
  const step = 0.003;
  const above = firstStep(tileWith(), range, still, step).loss;
  const below = firstStep(tileWith(), range, still, -step).loss;
  // float32 losses: 2e-7 over 0.006 is 1 % of the slope
  expect(Math.abs(total)).toBeGreaterThan(2e-3);
  expect(Math.abs((above - below) / (2 * step) / total - 1)).toBeLessThan(0.05);
});

test("clipped inputs only widen ranges by the rule of the CPU engine", () => {
  const rule = { decay_factor: 0, gradient: "clipped-inputs" } as const;
  const { gradient } = firstStep(tileWith(), 0.8, { input_range: rule });
  const byRange = [...gradient].filter(([name]) => name.endsWith(".range"));
  for (const [, g] of byRange) expect(g[0]).toBeLessThanOrEqual(0);
  expect(byRange.some(([, g]) => g[0]! < 0)).toBe(true);
});

test("clipped outputs widen a range by their share, when there are too many", () => {
  const rule = {
    decay_factor: 0,
    gradient: "clipped-inputs",
    unclipped_outputs_frac: 0.9,
  } as const;
  const byRange = (output_bound: number, output_clipping: "ignored" | "widens-range") => {
    const input_range = { ...rule, output_clipping };
    const { gradient } = firstStep(tileWith({ output_bound }), 1e6, { input_range });
    return [...gradient].filter(([name]) => name.endsWith(".range")).map(([, g]) => g[0]!);
  };
  expect(byRange(1e-12, "ignored").every((g) => g === 0)).toBe(true);
  expect(byRange(1e6, "widens-range").every((g) => g === 0)).toBe(true);
  // All outputs of experts that saw tokens, none of the others
  const all = byRange(1e-12, "widens-range");
  expect(all.every((g) => g === 0 || (g <= -0.5 && g >= -1.001))).toBe(true);
  expect(all.some((g) => g < -0.99)).toBe(true);
});

test("decay narrows a range while enough of its inputs are within it", () => {
  const rule = { decay_factor: 0.1, unclipped_frac: 0.9, gradient: "clipped-inputs" } as const;
  const wide = firstStep(tileWith(), 1e6, { input_range: rule });
  const narrow = firstStep(tileWith(), 1e-3, { input_range: rule });
  for (const { name } of wide.trained) {
    const g = wide.gradient.get(`${name}.range`)![0]!;
    if (Math.hypot(...wide.gradient.get(`${name}.weight`)!) > 0) expect(g).toBeCloseTo(0.1, 5);
    else expect(g).toBe(0);
    // Of inputs that are all clipped, only the gate's and up's: down sees what is left of them
    if (!name.includes("down"))
      expect(narrow.gradient.get(`${name}.range`)![0]).toBeLessThanOrEqual(0);
  }
});

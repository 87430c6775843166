import { describe, expect, test } from "vitest";
import { distillation } from "../../../src/training/moe/objective.ts";
import { uniforms } from "../../transformer/random-model.ts";

const vocabulary = 6;
const next = uniforms(1);
const teacher = Float32Array.from({ length: vocabulary }, () => 3 * next());
const student = Float32Array.from({ length: vocabulary }, () => 3 * next());
const label = 4;
const predictions = 5;

const softmax = (x: readonly number[], t: number): readonly number[] => {
  const e = x.map((value) => Math.exp(value / t));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / sum);
};

/** The definition, in float64. */
function lossOf(logits: readonly number[], weight: number, t: number): number {
  const [p, q] = [softmax([...teacher], t), softmax(logits, t)];
  const kl = p.reduce((sum, value, i) => sum + value * Math.log(value / q[i]!), 0);
  const nll = -Math.log(softmax(logits, 1)[label]!);
  return (weight * t * t * kl + (1 - weight) * nll) / predictions;
}

describe.each([
  [1, 1],
  [1, 3],
  [0, 1],
  [0.7, 2],
])("weight %d, temperature %d", (weight_frac, temperature_factor) => {
  const objective = distillation(
    { weight_frac, temperature_factor },
    () => ({ logits: teacher, begin: 0 }),
    (row) => (row === 0 ? label : -1),
    predictions,
    vocabulary,
  );

  test("is the definition, with the gradient of finite differences", () => {
    const logits = student.slice();
    const value = objective(0, logits, 0, vocabulary);
    expect(value).toBeCloseTo(lossOf([...student], weight_frac, temperature_factor), 6);
    logits.forEach((gradient, i) => {
      const at = (step: number): number =>
        lossOf(
          [...student].map((x, j) => (i === j ? x + step : x)),
          weight_frac,
          temperature_factor,
        );
      expect(gradient).toBeCloseTo((at(1e-4) - at(-1e-4)) / 2e-4, 6);
    });
  });

  test("a row that predicts nothing has no gradient", () => {
    const logits = student.slice();
    expect(objective(1, logits, 0, vocabulary)).toBeNull();
    expect([...logits]).toEqual(new Array(vocabulary).fill(0));
  });
});

test("a student that is the teacher has nothing to learn", () => {
  const objective = distillation(
    { weight_frac: 1, temperature_factor: 2 },
    () => ({ logits: teacher, begin: 0 }),
    () => label,
    1,
    vocabulary,
  );
  const logits = teacher.slice();
  expect(objective(0, logits, 0, vocabulary)).toBeCloseTo(0, 7);
  for (const gradient of logits) expect(gradient).toBeCloseTo(0, 7);
});

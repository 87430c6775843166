import { expect, test } from "vitest";
import { addGateErrors, expertWeights } from "../../src/accuracy/expert-errors.ts";
import { forwardCurvature, onlyExpert } from "../../src/accuracy/forward-curvature.ts";
import { logProbabilities, scoreWindows } from "../../src/accuracy/score-text.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import { createWasmEngine } from "../../src/numerics/engines/wasm.ts";
import { fillNormals } from "../../src/random/philox.ts";
import { swiglu } from "../../src/transformer/elementwise.ts";
import { plainDecoder, randomWeights, SMALL } from "../transformer/random-model.ts";

const noise = (count: number, seed: number): Float32Array => {
  const out = new Float32Array(count);
  fillNormals(out, { seed, matrix: 0, block: 0, purpose: "calibration", row: 0 });
  return out;
};

const matrices = weightMatrices(SMALL);
const model = randomWeights(SMALL, 4);
const decoder = plainDecoder(SMALL, model);
const windows = Array.from({ length: 4 }, (_, w) => ({
  tokens: Int32Array.from({ length: 24 }, (_, i) => (7 * i * i + 5 * w + i) % 37),
  firstRow: 24 * w,
}));

/** Largest |w| of a matrix times a small number: the unit of its noise. */
const STEP = 0.02;

test("noise in W_gate and W_up moves the output as far as drawn noise does", () => {
  const expert = expertWeights(matrices, model.matrices).find((layer) => layer.length > 0)![0]!;
  const x = noise(expert.gate.inputs, 3);
  const output = (gate: Float32Array, up: Float32Array): Float64Array => {
    const product = (w: Float32Array) =>
      Float32Array.from({ length: expert.hidden }, (_, j) =>
        x.reduce((sum, value, i) => sum + value * w[j * x.length + i]!, 0),
      );
    const h = product(gate);
    swiglu(h, product(up), expert.hidden);
    return Float64Array.from({ length: expert.down.outputs }, (_, o) =>
      h.reduce((sum, value, j) => sum + value * expert.down.weights[o * h.length + j]!, 0),
    );
  };
  const noisy = ({ weights, largest }: typeof expert.gate, seed: number): Float32Array => {
    const draw = noise(weights.length, seed);
    return weights.map((w, i) => w + STEP * largest * draw[i]!);
  };
  const exact = output(expert.gate.weights, expert.up.weights);
  const draws = 3000;
  let sum = 0;
  for (let d = 0; d < draws; d++) {
    const moved = output(noisy(expert.gate, 10 + 2 * d), noisy(expert.up, 11 + 2 * d));
    sum += moved.reduce((square, value, o) => square + (value - exact[o]!) ** 2, 0);
  }
  const expected = STEP ** 2 * addGateErrors(expert, x, 1, [1]);
  // chi-square like: about sqrt(2 / hidden) a draw, below 1 % over 3000; second order below 1 %
  expect(sum / draws / expected).toBeGreaterThan(0.96);
  expect(sum / draws / expected).toBeLessThan(1.04);
});

test("scores rank experts as their noise, drawn and measured, does", () => {
  const scores = forwardCurvature({ decoder, weights: model.matrices, fillNormals }, windows, 1);
  const reference = logProbabilities(decoder, windows);
  const pairs: [number, number][] = [];
  scores.forEach((ofLayer, layer) => {
    ofLayer.forEach((score, expert) => {
      const own = onlyExpert(matrices, layer, expert);
      let kl = 0;
      for (let seed = 1; seed <= 12; seed++) {
        const noisy = model.matrices.map((w, id) => {
          if (own[id]! < 0) return w;
          const largest = w.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          const draw = noise(w.length, 100 * id + seed);
          return w.map((value, i) => value + STEP * largest * draw[i]!);
        });
        const moved = plainDecoder(SMALL, { ...model, matrices: noisy });
        kl += scoreWindows(moved, windows, { seed, reference }).kl_sum_nats!;
      }
      pairs.push([score, kl]);
    });
  });
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [a, b] = [pairs.map(([s]) => Math.log(s)), pairs.map(([, k]) => Math.log(k))];
  const covariance = (x: readonly number[], y: readonly number[]) =>
    mean(x.map((value, i) => (value - mean(x)) * (y[i]! - mean(y))));
  expect(covariance(a, b) / Math.sqrt(covariance(a, a) * covariance(b, b))).toBeGreaterThan(0.8);
});

test("an expert alone has three analog matrices", () => {
  const kinds = onlyExpert(matrices, 1, 2);
  const analog = matrices.filter(({ id }) => kinds[id]! >= 0);
  expect(analog.map(({ part }) => part)).toEqual(["gate", "up", "down"]);
  expect(new Set(analog.map(({ layer, expert }) => `${layer} ${expert}`))).toEqual(
    new Set(["1 2"]),
  );
});

test("the wasm engine's normal numbers are those of the address", () => {
  const { fillNormals: fast } = createWasmEngine();
  const address = { seed: 5, matrix: 3, block: 0, purpose: "calibration", row: 9 } as const;
  const [a, b] = [new Float32Array(40), new Float32Array(40)];
  fast(a, address);
  fillNormals(b, address);
  expect(a).toEqual(b);
});

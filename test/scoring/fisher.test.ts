import { describe, expect, test } from "vitest";
import { matrixLabel, weightMatrices } from "../../src/model/matrix.ts";
import { fisherInformation, sampled } from "../../src/scoring/fisher.ts";
import { reverseModel } from "../../src/transformer/backward.ts";
import { NO_LABEL } from "../../src/transformer/backward-head.ts";
import { createReverseSpace } from "../../src/transformer/backward-space.ts";
import { multiplyOn, transpose } from "../../src/transformer/backward-tools.ts";
import { batchOf } from "../../src/transformer/batch.ts";
import { plainProjection } from "../transformer/plain-engine.ts";
import { plainDecoder, randomWeights, randomWindows, SMALL } from "../transformer/random-model.ts";

const workload = { ...SMALL, vocabulary_tokens: 11 };
const matrices = weightMatrices(workload);
const weights = randomWeights(workload, 6);
const decoder = plainDecoder(workload, weights);
const digital = (w: Float32Array, outputs: number, inputs: number) => ({
  ...plainProjection(w, outputs, inputs),
  dispose: () => {},
});
const model = { decoder, weights: weights.matrices, digital };
const TOKENS = 5;
const windows = randomWindows(workload, [TOKENS], 12);
const batch = batchOf(windows);

const total = (x: ArrayLike<number>): number => Array.from(x).reduce((a, b) => a + b, 0);

/** Sums in the matrix's own units: one crossbar, scales and ranges of 1. */
const plan = matrices.map(({ module, inputs, outputs }) =>
  module === "embedding"
    ? null
    : {
        rows: [{ rowBegin: 0, rowEnd: inputs }],
        scales: [new Float32Array(outputs).fill(1)],
        ranges: [1],
      },
);

/** What is expected of every sum over a matrix, by label and by hand. */
interface Expected {
  weights: number;
  reads: number;
  outputs: number;
  inputs: number;
}

/**
 * The exact diagonal Fisher information, summed over each matrix: labels of different tokens are
 * independent and each score has mean zero, so it is the sum over tokens and words of
 * p(word) (d ln p(word) / dw)^2.
 */
function exact(): Expected[] {
  const sums = matrices.map(() => ({ weights: 0, reads: 0, outputs: 0, inputs: 0 }));
  const space = createReverseSpace(workload, TOKENS, TOKENS);
  const squares = (x: Float32Array): number => total(x.map((v) => v * v));
  for (let row = 0; row + 1 < TOKENS; row++)
    for (let word = 0; word < workload.vocabulary_tokens; word++) {
      let p = 0;
      const gradients = matrices.map((m) => new Float64Array(m.inputs * m.outputs));
      const seen = matrices.map(() => ({ reads: 0, outputs: 0, inputs: 0 }));
      reverseModel(
        decoder,
        batch,
        (r, probabilities, begin) => {
          if (r !== row) return NO_LABEL;
          p = probabilities[begin + word]!;
          return word;
        },
        space,
        {
          multiply: multiplyOn(digital),
          transposed: (m) => {
            const turned = new Float32Array(m.inputs * m.outputs);
            transpose(weights.matrices[m.id]!, m.outputs, m.inputs, turned);
            return plainProjection(turned, m.inputs, m.outputs);
          },
          hooks: {
            onProduct: ({ matrix: m, rows, x, dy, dx }) => {
              seen[m.id]!.outputs += squares(dy);
              seen[m.id]!.inputs += squares(dx);
              for (let r = 0; r < rows; r++)
                for (let o = 0; o < m.outputs; o++)
                  for (let i = 0; i < m.inputs; i++) {
                    const part = dy[r * m.outputs + o]! * x[r * m.inputs + i]!;
                    gradients[m.id]![o * m.inputs + i]! += part;
                    seen[m.id]!.reads += part * part;
                  }
            },
          },
        },
      );
      matrices.forEach((_, id) => {
        const sum = sums[id]!;
        sum.weights += p * total(gradients[id]!.map((g) => g * g));
        for (const key of ["reads", "outputs", "inputs"] as const) sum[key] += p * seen[id]![key];
      });
    }
  return sums.map((sum) => ({
    weights: sum.weights / (TOKENS - 1),
    reads: sum.reads / (TOKENS - 1),
    outputs: sum.outputs / (TOKENS - 1),
    inputs: sum.inputs / (TOKENS - 1),
  }));
}

describe("Fisher information", () => {
  test("has the exact one as its mean over labels", () => {
    const expected = exact();
    const SEEDS = 300;
    const found = Array.from({ length: SEEDS }, (_, seed) =>
      fisherInformation(model, windows, { seed, plans: [plan] }),
    );
    for (const m of matrices) {
      if (m.module === "embedding") continue;
      for (const key of ["weights", "reads", "outputs", "inputs"] as const) {
        const values = found.map(({ matrices: of, columns }) =>
          total(key === "outputs" ? columns[0]![m.id]!.squares : of[m.id]![key]),
        );
        const mean = total(values) / SEEDS;
        const variance = total(values.map((v) => (v - mean) ** 2)) / (SEEDS - 1);
        const label = `${matrixLabel(m)} ${key}`;
        // about 140 comparisons: five standard errors, and for what is (nearly) never used a floor
        expect(Math.abs(mean - expected[m.id]![key]), label).toBeLessThanOrEqual(
          5 * Math.sqrt(variance / SEEDS) + 1e-9,
        );
      }
    }
  });

  test("repeats, whatever the order of windows", () => {
    const several = randomWindows(workload, [4, 6, 3], 9);
    const [a, b] = [several, several.toReversed()].map((w) =>
      fisherInformation(model, w, { seed: 7 }),
    );
    expect(a!.predictions).toBe(3 + 5 + 2);
    for (const m of matrices.slice(1))
      for (const [i, value] of a!.matrices[m.id]!.weights.entries())
        expect(b!.matrices[m.id]!.weights[i]).toBeCloseTo(value, 5);
  });

  test("draws labels as often as the model says", () => {
    const p = Float32Array.from([0.5, 0.3, 0, 0.2]);
    const counts = [0, 0, 0, 0];
    const N = 20_000;
    const labelOf = sampled(
      {
        ...batch,
        rows: N + 1,
        rowIds: Uint32Array.from({ length: N + 1 }, (_, i) => i),
        windowBegin: Int32Array.of(0, N + 1),
      },
      3,
    );
    for (let row = 0; row < N; row++) counts[labelOf(row, p, 0, 4)]!++;
    // standard errors up to sqrt(N / 4) = 71
    for (const [i, count] of counts.entries())
      expect(Math.abs(count - N * p[i]!)).toBeLessThan(320);
    expect(counts[2]).toBe(0);
    expect(labelOf(N, p, 0, 4)).toBe(NO_LABEL);
  });
});

import { describe, expect, test } from "vitest";
import { matrixLabel, weightMatrices } from "../../src/model/matrix.ts";
import type { Workload } from "../../src/model/workload.ts";
import { createWasmEngine } from "../../src/numerics/engines/wasm.ts";
import type { ModelWeights } from "../../src/transformer/assemble.ts";
import { assembleDecoder } from "../../src/transformer/assemble.ts";
import { reverseModel } from "../../src/transformer/backward.ts";
import { nextTokens } from "../../src/transformer/backward-head.ts";
import { createReverseSpace } from "../../src/transformer/backward-space.ts";
import { multiplyOn, transpose } from "../../src/transformer/backward-tools.ts";
import { batchOf, type TokenWindow } from "../../src/transformer/batch.ts";
import { logLikelihood64, type Parameters64, parameters64 } from "../oracle/decoder.ts";
import { plainProjection } from "./plain-engine.ts";
import { plainDecoder, randomWeights, randomWindows, SMALL } from "./random-model.ts";

/** Every gradient of a model, summed over windows; and dL/dx, dL/dy of products are on the way. */
interface Gradients {
  readonly logLikelihood: number;
  readonly matrices: readonly Float64Array[];
  readonly norms: ReadonlyMap<string, Float64Array>;
}

const multiply = multiplyOn((w, outputs, inputs) => ({
  ...plainProjection(w, outputs, inputs),
  dispose: () => {},
}));

function gradientsOf(
  workload: Workload,
  weights: ModelWeights,
  windows: readonly TokenWindow[],
): Gradients {
  const matrices = weightMatrices(workload).map((m) => new Float64Array(m.inputs * m.outputs));
  const norms = new Map<string, Float64Array>();
  const batch = batchOf(windows);
  const turned = new Map<number, Float32Array>();
  const longest = Math.max(...windows.map(({ tokens }) => tokens.length));
  const space = createReverseSpace(workload, batch.rows, longest);
  const result = reverseModel(plainDecoder(workload, weights), batch, nextTokens(batch), space, {
    multiply,
    transposed: (m) => {
      const w = turned.get(m.id) ?? new Float32Array(m.inputs * m.outputs);
      transpose(weights.matrices[m.id]!, m.outputs, m.inputs, w);
      turned.set(m.id, w);
      return plainProjection(w, m.inputs, m.outputs);
    },
    hooks: {
      onProduct: ({ matrix: m, rows, x, dy }) => {
        const sum = matrices[m.id]!;
        for (let r = 0; r < rows; r++)
          for (let o = 0; o < m.outputs; o++)
            for (let i = 0; i < m.inputs; i++)
              sum[o * m.inputs + i]! += dy[r * m.outputs + o]! * x[r * m.inputs + i]!;
      },
      onNorm: (name, layer, gradient) => {
        const key = `${name} ${layer}`;
        const old = norms.get(key) ?? new Float64Array(gradient.length);
        norms.set(
          key,
          old.map((value, i) => value + gradient[i]!),
        );
      },
    },
  });
  const h = workload.hidden_features;
  batch.tokens.forEach((token, row) => {
    for (let i = 0; i < h; i++)
      matrices[0]![token * h + i]! += result.embeddingGradient[row * h + i]!;
  });
  return { logLikelihood: result.logLikelihood_nats, matrices, norms };
}

const likelihood = (w: Workload, p: Parameters64, windows: readonly TokenWindow[]): number =>
  windows.reduce((sum, { tokens }) => sum + logLikelihood64(w, p, tokens), 0);

/**
 * Derivative along one direction, by central differences at two steps and Richardson's
 * extrapolation: in float64 its error is about 1e-9 of the values, well below the float32 of the
 * reverse pass.
 */
function slope(
  workload: Workload,
  parameters: Parameters64,
  windows: readonly TokenWindow[],
  x: Float64Array,
  direction: Float64Array,
): number {
  const original = x.slice();
  const at = (step: number): number => {
    for (let i = 0; i < x.length; i++) x[i] = original[i]! + step * direction[i]!;
    const value = likelihood(workload, parameters, windows);
    x.set(original);
    return value;
  };
  const difference = (step: number): number => (at(step) - at(-step)) / (2 * step);
  return (4 * difference(5e-5) - difference(1e-4)) / 3;
}

/** Layers with experts only, no shared expert, one head a key: the shape of OLMoE. */
const OLMOE: Workload = {
  ...SMALL,
  family: "olmoe",
  dense_layers: [],
  dense_features: 0,
  attention: { ...SMALL.attention, kind: "heads", kv_heads: 4 } as Workload["attention"],
  moe: { ...SMALL.moe, shared_features: 0, active_experts: 3 },
};
/** No norms of queries and keys: the shape of DeepSeekMoE. */
const DEEPSEEK: Workload = {
  ...SMALL,
  attention: { ...SMALL.attention, qk_norm: "none" } as Workload["attention"],
};

describe.each([
  ["OLMoE", OLMOE],
  ["DeepSeekMoE", DEEPSEEK],
  ["grouped queries, norms and shared experts", SMALL],
] as const)("the gradient of %s", (_name, workload) => {
  const weights = randomWeights(workload, 5);
  const windows = randomWindows(workload, [7, 1, 5], 3);
  const found = gradientsOf(workload, weights, windows);
  const parameters = parameters64(weights);

  test("comes with the log-likelihood", () => {
    const expected = likelihood(workload, parameters, windows);
    expect(Math.abs(found.logLikelihood / expected - 1)).toBeLessThan(1e-6);
  });

  // Along its own direction the slope is |gradient|; the second direction also has every number in
  // it. Both bounds are relative to the whole gradient.
  const check = (x: Float64Array, gradient: Float64Array): void => {
    const size = Math.hypot(...gradient);
    if (size === 0) {
      expect(
        slope(
          workload,
          parameters,
          windows,
          x,
          x.map(() => 1),
        ),
      ).toBeCloseTo(0, 7);
      return;
    }
    const along = gradient.map((g) => g / size);
    const across = gradient.map((g, i) => (i % 2 === 0 ? g : -g) / size);
    const project = (direction: Float64Array): number =>
      direction.reduce((sum, d, i) => sum + d * gradient[i]!, 0);
    for (const direction of [along, across])
      expect(
        Math.abs(slope(workload, parameters, windows, x, direction) - project(direction)) / size,
      ).toBeLessThan(2e-5);
  };

  test.each(
    weightMatrices(workload).map((m) => [m.id === 0 ? "embedding" : matrixLabel(m), m.id] as const),
  )("is that of finite differences: %s", (_label, id) => {
    check(parameters.matrices[id]!, found.matrices[id]!);
  });

  test("is that of finite differences: norms", () => {
    parameters.norms.forEach(({ input, postAttention, q, k }, layer) => {
      check(input, found.norms.get(`input ${layer}`)!);
      check(postAttention, found.norms.get(`post-attention ${layer}`)!);
      if (q !== null) check(q, found.norms.get(`q ${layer}`)!);
      if (k !== null) check(k, found.norms.get(`k ${layer}`)!);
    });
    check(parameters.finalNorm, found.norms.get("final -1")!);
  });
});

test("a batch has the sum of the gradients of its windows", () => {
  const weights = randomWeights(SMALL, 11);
  const windows = randomWindows(SMALL, [9, 4, 6], 8);
  const together = gradientsOf(SMALL, weights, windows);
  const apart = windows.map((window) => gradientsOf(SMALL, weights, [window]));
  together.matrices.forEach((gradient, id) => {
    const size = Math.hypot(...gradient);
    const sum = gradient.map((_, i) => apart.reduce((s, a) => s + a.matrices[id]![i]!, 0));
    const difference = Math.hypot(...gradient.map((g, i) => g - sum[i]!));
    // float32 sums of other rows: a few units in the last place of 24 bits
    expect(difference).toBeLessThanOrEqual(1e-6 * size);
  });
});

test("products on the engine are those of the definition, for lengths that are no multiple", () => {
  const { digital } = createWasmEngine();
  const onEngine = multiplyOn(digital);
  const [rows, columns, length] = [7, 9, 21];
  const a = Float32Array.from({ length: rows * length }, (_, i) => Math.sin(i));
  const b = Float32Array.from({ length: columns * length }, (_, i) => Math.cos(3 * i));
  const out = new Float32Array(rows * columns);
  onEngine(a, rows, b, columns, length, out);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let k = 0; k < length; k++) sum += a[r * length + k]! * b[c * length + k]!;
      expect(out[r * columns + c]).toBeCloseTo(sum, 4);
    }
});

test("the error signal of a product's input is the change of the loss with that input", () => {
  // dL/dx of a matrix is W^T dy: checked where it is seen, for a matrix of every kind
  const weights = randomWeights(SMALL, 2);
  const windows = randomWindows(SMALL, [8], 4);
  const batch = batchOf(windows);
  const seen = new Map<number, number>();
  const matrices = weightMatrices(SMALL);
  const decoder = assembleDecoder(SMALL, weights, (m, w) =>
    plainProjection(w, m.outputs, m.inputs),
  );
  reverseModel(decoder, batch, nextTokens(batch), createReverseSpace(SMALL, 8, 8), {
    multiply,
    transposed: (m) => {
      const w = new Float32Array(m.inputs * m.outputs);
      transpose(weights.matrices[m.id]!, m.outputs, m.inputs, w);
      return plainProjection(w, m.inputs, m.outputs);
    },
    hooks: {
      onProduct: ({ matrix: m, rows, rowIds, dy, dx }) => {
        expect(rowIds.length).toBe(rows);
        const w = weights.matrices[m.id]!;
        for (let r = 0; r < rows; r++)
          for (let i = 0; i < m.inputs; i++) {
            let sum = 0;
            for (let o = 0; o < m.outputs; o++)
              sum += w[o * m.inputs + i]! * dy[r * m.outputs + o]!;
            expect(dx[r * m.inputs + i]).toBeCloseTo(sum, 4);
          }
        seen.set(m.id, (seen.get(m.id) ?? 0) + rows);
      },
    },
  });
  // every row meets attention and router once, and k experts
  for (const m of matrices)
    if (m.module === "attention" || m.module === "router") expect(seen.get(m.id)).toBe(8);
  const byExperts = matrices.filter((m) => m.module === "expert" && m.part === "down");
  expect(byExperts.reduce((sum, m) => sum + (seen.get(m.id) ?? 0), 0)).toBe(8 * 2);
});

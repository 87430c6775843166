/** Small models with random weights, for laws that hold for any weights. */
import { weightMatrices } from "../../src/model/matrix.ts";
import type { Workload } from "../../src/model/workload.ts";
import { assembleDecoder, type ModelWeights } from "../../src/transformer/assemble.ts";
import type { TokenWindow } from "../../src/transformer/batch.ts";
import type { Decoder } from "../../src/transformer/decoder.ts";
import { plainProjection } from "./plain-engine.ts";

/** Two layers, the first dense; four heads of width 6, two of them sharing keys; 5 experts, top 2. */
export const SMALL: Workload = {
  format: "workload/1",
  name: "small",
  family: "deepseek",
  source: "made up for tests",
  layers: 2,
  dense_layers: [0],
  hidden_features: 20,
  dense_features: 14,
  vocabulary_tokens: 37,
  context_tokens: 64,
  tied_head: false,
  head_bias: false,
  activation: "silu",
  norm: { kind: "rms", epsilon: 1e-6 },
  rope_theta: 10000,
  attention: {
    kind: "heads",
    heads: 4,
    kv_heads: 2,
    head_features: 6,
    qk_norm: "full",
    qkv_bias: false,
    output_bias: false,
    sinks: false,
  },
  moe: {
    experts: 5,
    active_experts: 2,
    expert_features: 7,
    shared_features: 9,
    shared_gate: false,
    expert_bias: false,
    router: {
      scoring: "softmax",
      renormalise: false,
      bias: false,
      selection_bias: false,
      scale: 1,
      groups: 1,
      active_groups: 1,
    },
  },
};

/** Numbers in -1..1 from a linear congruential generator (Numerical Recipes' constants). */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export function randomVector(length: number, next: () => number): Float32Array {
  return Float32Array.from({ length }, next);
}

/** Weights of a size that keeps activations near one. */
export function randomWeights(workload: Workload, seed: number): ModelWeights {
  const next = uniforms(seed);
  const { attention, hidden_features: h } = workload;
  if (attention.kind !== "heads") throw new Error("heads expected");
  const norm = (length: number) => Float32Array.from({ length }, () => 1 + next() / 4);
  return {
    matrices: weightMatrices(workload).map(({ module, inputs, outputs }) => {
      const scale = module === "embedding" ? 1 : 2 / Math.sqrt(inputs);
      return Float32Array.from({ length: inputs * outputs }, () => scale * next());
    }),
    norms: Array.from({ length: workload.layers }, () => ({
      input: norm(h),
      postAttention: norm(h),
      q: attention.qk_norm === "full" ? norm(attention.heads * attention.head_features) : null,
      k: attention.qk_norm === "full" ? norm(attention.kv_heads * attention.head_features) : null,
    })),
    finalNorm: norm(h),
  };
}

export const plainDecoder = (workload: Workload, weights: ModelWeights): Decoder =>
  assembleDecoder(workload, weights, (m, w) => plainProjection(w, m.outputs, m.inputs));

export function randomWindows(
  workload: Workload,
  lengths: readonly number[],
  seed: number,
): TokenWindow[] {
  const next = uniforms(seed);
  let firstRow = 0;
  return lengths.map((length) => {
    const tokens = Int32Array.from({ length }, () =>
      Math.floor(((next() + 1) / 2) * workload.vocabulary_tokens),
    );
    firstRow += length;
    return { tokens, firstRow: firstRow - length };
  });
}

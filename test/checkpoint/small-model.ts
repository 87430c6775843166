/** A model of a few hundred weights, in every form in which checkpoints hold one. */
import { type WeightMatrix, weightMatrices } from "../../src/model/matrix.ts";
import type { Workload } from "../../src/model/workload.ts";
import { f32, type NewTensor } from "./memory-files.ts";

export const EXPERTS = 3;
export const HIDDEN = 64;
export const WIDTH = 32;

/** One layer, three experts, and nothing that a family need not have. */
export const smallWorkload = (family: string, change: Partial<Workload> = {}): Workload => ({
  format: "workload/1",
  name: `small-${family}`,
  family,
  source: "test",
  layers: 1,
  dense_layers: [],
  hidden_features: HIDDEN,
  dense_features: 0,
  vocabulary_tokens: 10,
  context_tokens: 16,
  tied_head: false,
  head_bias: false,
  activation: "silu",
  norm: { kind: "rms", epsilon: 1e-5 },
  rope_theta: 1e4,
  attention: {
    kind: "heads",
    heads: 2,
    kv_heads: 1,
    head_features: 16,
    qk_norm: "none",
    qkv_bias: false,
    output_bias: false,
    sinks: false,
  },
  moe: {
    experts: EXPERTS,
    active_experts: 1,
    expert_features: WIDTH,
    shared_features: 0,
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
  ...change,
});

/** Whole numbers from -8 to 8 that depend on all coordinates: exact in every format but FP4. */
export const weight = (id: number, output: number, input: number): number =>
  ((id * 7919 + output * 104729 + input * 1299709) % 17) - 8;

/** [outputs][inputs] by the formula. */
export const weightsOf = ({ id, outputs, inputs }: WeightMatrix): Float32Array =>
  Float32Array.from({ length: outputs * inputs }, (_, i) =>
    weight(id, Math.floor(i / inputs), i % inputs),
  );

export const expertMatrices = (workload: Workload): readonly WeightMatrix[] =>
  weightMatrices(workload).filter(({ module }) => module === "expert");

/** Everything but router and experts, by the names that all families share. */
export function sharedTensors(workload: Workload): Record<string, NewTensor> {
  const tensors: Record<string, NewTensor> = {};
  for (const m of weightMatrices(workload)) {
    const values = weightsOf(m);
    if (m.module === "attention")
      tensors[`model.layers.0.self_attn.${m.part}_proj.weight`] = f32(
        [m.outputs, m.inputs],
        values,
      );
    if (m.module === "lm-head") tensors["lm_head.weight"] = f32([m.outputs, m.inputs], values);
    if (m.module === "embedding")
      tensors["model.embed_tokens.weight"] = f32([m.inputs, m.outputs], values);
  }
  const ones = f32([HIDDEN], new Float32Array(HIDDEN).fill(1));
  tensors["model.norm.weight"] = ones;
  tensors["model.layers.0.input_layernorm.weight"] = ones;
  tensors["model.layers.0.post_attention_layernorm.weight"] = ones;
  return tensors;
}

/** The router under a name of the family. */
export function routerTensor(workload: Workload, name: string): Record<string, NewTensor> {
  const router = weightMatrices(workload).find(({ module }) => module === "router")!;
  return { [`model.layers.0.${name}`]: f32([router.outputs, router.inputs], weightsOf(router)) };
}

/** One tensor a matrix; `names` of gate, up and down. */
export function separateExperts(
  workload: Workload,
  module: string,
  names: Readonly<Record<string, string>>,
  store: (values: Float32Array, shape: readonly [number, number]) => NewTensor = (v, s) =>
    f32(s, v),
): Record<string, NewTensor> {
  const entries = expertMatrices(workload).map((m) => [
    `model.layers.0.${module}.experts.${m.expert}.${names[m.part]}.weight`,
    store(weightsOf(m), [m.outputs, m.inputs]),
  ]);
  return Object.fromEntries(entries);
}

/** Values of a tensor [experts][rows][cols], by a function of the three. */
export function cube(
  rows: number,
  cols: number,
  value: (expert: number, row: number, col: number) => number,
): Float32Array {
  return Float32Array.from({ length: EXPERTS * rows * cols }, (_, i) =>
    value(Math.floor(i / (rows * cols)), Math.floor(i / cols) % rows, i % cols),
  );
}

/** Weight of a part of an expert. */
export const expertWeight = (workload: Workload) => {
  const ids = new Map(expertMatrices(workload).map((m) => [`${m.expert} ${m.part}`, m.id]));
  return (expert: number, part: string, output: number, input: number): number =>
    weight(ids.get(`${expert} ${part}`)!, output, input);
};

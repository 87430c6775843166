import { describe, expect, test } from "vitest";
import { importers, importWorkload, modelTypes } from "../../src/input/importers/index.ts";
import { InputError } from "../../src/model/issue.ts";
import { loadJson, loadWorkload } from "./load.ts";
import { PUBLISHED } from "./published.ts";

type Config = Record<string, unknown>;

const MODELS: readonly [string, string][] = [
  ...PUBLISHED.map(({ name }): [string, string] => [name, `test/workloads/configs/${name}.json`]),
  ["tiny-olmoe", "workloads/tiny-olmoe/config.json"],
  ["tiny-deepseekmoe", "workloads/tiny-deepseekmoe/config.json"],
];
const configOf = (name: string): Config => ({
  ...(loadJson(`test/workloads/configs/${name}.json`) as Config),
});
const issuesOf = (config: unknown) => {
  try {
    importWorkload(config, "config.json", "x");
  } catch (error) {
    if (error instanceof InputError) return error.issues;
    throw error;
  }
  return [];
};

test.each(MODELS)("the shipped workload %s is what its config yields", (name, path) => {
  expect(importWorkload(loadJson(path), path, name)).toEqual(loadWorkload(name));
});

test("every importer has a shipped model", () => {
  const families = new Set(PUBLISHED.map(({ name }) => loadWorkload(name).family));
  expect([...families].sort()).toEqual([...modelTypes].sort());
  expect(Object.keys(importers)).toHaveLength(10);
});

/** Fields without which no importer can go on: no class default, or one that fits no real model. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  "olmoe-1b-7b": ["hidden_size", "num_hidden_layers", "num_experts_per_tok", "intermediate_size"],
  "deepseekmoe-16b": ["n_routed_experts", "moe_intermediate_size", "num_key_value_heads"],
  "deepseek-v2-lite": ["kv_lora_rank", "qk_nope_head_dim", "v_head_dim", "q_lora_rank"],
  "mixtral-8x7b": ["vocab_size", "rope_theta", "intermediate_size", "num_attention_heads"],
  "qwen1.5-moe-a2.7b": ["shared_expert_intermediate_size", "moe_intermediate_size"],
  "qwen3-30b-a3b": ["moe_intermediate_size", "max_position_embeddings"],
  "gpt-oss-20b": ["sliding_window", "num_experts_per_tok", "rms_norm_eps"],
  "deepseek-v3": ["q_lora_rank", "n_routed_experts", "intermediate_size"],
  "phi-3.5-moe": ["num_key_value_heads", "hidden_size"],
  "granite-3.0-1b-a400m": ["hidden_size", "intermediate_size", "vocab_size"],
};

describe.each(Object.entries(NEEDED))("config of %s", (name, fields) => {
  test("names every missing field at once", () => {
    const config = configOf(name);
    for (const field of fields) delete config[field];
    const issues = issuesOf(config);
    expect(issues.map((issue) => issue.pointer).sort()).toEqual(fields.map((f) => `/${f}`).sort());
    for (const issue of issues) expect(issue.found).toBe("nothing");
  });

  test("names every field of a wrong type at once", () => {
    const config = configOf(name);
    for (const field of fields) config[field] = "12";
    const issues = issuesOf(config);
    expect(issues.map((issue) => issue.pointer).sort()).toEqual(fields.map((f) => `/${f}`).sort());
    for (const issue of issues) expect(issue.found).toBe('"12"');
  });
});

test("an unknown model_type lists the known ones and guesses", () => {
  const [issue] = issuesOf({ model_type: "deepseek_v4" });
  expect(issue?.pointer).toBe("/model_type");
  expect(issue?.allowed.split(", ")).toEqual(modelTypes);
  expect(issue?.hint).toBe("did you mean deepseek_v2?");
  expect(issuesOf({})[0]?.found).toBe("nothing");
  expect(issuesOf({ model_type: "__proto__" })).toHaveLength(1);
  expect(issuesOf([])[0]?.pointer).toBe("");
  expect(issuesOf(null)[0]?.found).toBe("null");
});

test("a mistyped field is recognised", () => {
  const { hidden_size, ...config } = configOf("olmoe-1b-7b");
  expect(issuesOf({ ...config, hiden_size: hidden_size })[0]?.hint).toBe(
    "this file carries hiden_size",
  );
});

test("features that are not modelled are refused, not ignored", () => {
  const refused = (name: string, change: Config) => issuesOf({ ...configOf(name), ...change });
  expect(refused("olmoe-1b-7b", { clip_qkv: 8 })[0]?.pointer).toBe("/clip_qkv");
  expect(refused("mixtral-8x7b", { hidden_act: "gelu" })[0]?.pointer).toBe("/hidden_act");
  expect(refused("qwen3-30b-a3b", { use_sliding_window: true })[0]?.pointer).toBe(
    "/use_sliding_window",
  );
  expect(refused("deepseek-v3", { attention_bias: true })[0]?.pointer).toBe("/attention_bias");
  expect(refused("gpt-oss-20b", { layer_types: ["full_attention"] })[0]?.pointer).toBe(
    "/layer_types",
  );
  expect(refused("olmoe-1b-7b", { rope_scaling: { rope_type: "spiral" } })[0]?.pointer).toBe(
    "/rope_scaling",
  );
});

test("dense layers follow the rules of the families", () => {
  const imported = (name: string, change: Config) =>
    importWorkload({ ...configOf(name), ...change }, "config.json", "x").dense_layers;
  expect(imported("qwen3-30b-a3b", { decoder_sparse_step: 2, num_hidden_layers: 6 })).toEqual([
    0, 2, 4,
  ]);
  expect(imported("qwen1.5-moe-a2.7b", { mlp_only_layers: [1, 3] })).toEqual([1, 3]);
  expect(imported("deepseekmoe-16b", { moe_layer_freq: 2, num_hidden_layers: 6 })).toEqual([
    0, 1, 3, 5,
  ]);
});

test("files written by transformers 5 mean the same", () => {
  const { rope_theta, rope_scaling, num_experts, ...rest } = configOf("qwen3-30b-a3b");
  const config = {
    ...rest,
    num_local_experts: num_experts,
    rope_parameters: { rope_theta, rope_type: "default" },
  };
  expect(importWorkload(config, "config.json", "qwen3-30b-a3b")).toEqual(
    loadWorkload("qwen3-30b-a3b"),
  );
});

test("a workload that its own checks refuse is not imported", () => {
  expect(issuesOf({ ...configOf("mixtral-8x7b"), num_experts_per_tok: 9 })[0]?.pointer).toBe(
    "/moe/active_experts",
  );
});

test("the source names the repository, never a folder of somebody's machine", () => {
  const sourceOf = (origin: unknown): string =>
    importWorkload({ ...configOf("mixtral-8x7b"), _name_or_path: origin }, "config.json", "x")
      .source;
  expect(sourceOf("mistralai/Mixtral-8x7B-v0.1")).toBe(
    "config.json of mistralai/Mixtral-8x7B-v0.1",
  );
  for (const other of ["/home/me/model", "../model", 3, undefined])
    expect(sourceOf(other)).toBe("config.json, model_type mixtral");
});

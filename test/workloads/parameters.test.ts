import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { weightMatrices } from "../../src/model/matrix.ts";
import { countParameters } from "../../src/model/parameters.ts";
import type { Workload } from "../../src/model/workload.ts";
import { loadWorkload } from "./load.ts";
import { PUBLISHED } from "./published.ts";

/** The model with matrices only, but for the norms that no field can switch off. */
function withoutExtras(workload: Workload): Workload {
  const { attention, moe } = workload;
  const none = { qk_norm: "none", qkv_bias: false, output_bias: false, sinks: false } as const;
  return {
    ...workload,
    tied_head: false,
    head_bias: false,
    attention: attention.kind === "heads" ? { ...attention, ...none } : attention,
    moe: {
      ...moe,
      expert_bias: false,
      router: { ...moe.router, bias: false, selection_bias: false },
    },
  };
}

const billions = (n: number): string => (n / 1e9).toFixed(3);

describe.each(PUBLISHED)("$name", ({ name, total, one_expert, active_billion, expert_percent }) => {
  const count = countParameters(loadWorkload(name));

  test("has the published number of parameters", () => {
    expect(count.total).toBe(total);
    expect(count.one_expert).toBe(one_expert);
    expect(billions(count.active_per_token)).toBe(active_billion);
    const share = count.by_module.routed_experts / count.total;
    expect((100 * share).toFixed(2)).toBe(expert_percent);
  });

  test("counts the weights that the list of matrices has", () => {
    // Without biases, norms and sinks the closed form must be the sum over `weightMatrices`.
    const bare = withoutExtras(loadWorkload(name));
    const listed = weightMatrices(bare).reduce((sum, m) => sum + m.inputs * m.outputs, 0);
    const { by_module, total } = countParameters(bare);
    const latent = bare.attention.kind === "latent" ? bare.attention : undefined;
    const latentNorms = latent
      ? bare.layers * (latent.q_lora_features + latent.kv_lora_features)
      : 0;
    expect(total - by_module.norms - latentNorms).toBe(listed);
  });

  test("sums over modules", () => {
    const sum = Object.values(count.by_module).reduce((a, b) => a + b, 0);
    expect(sum).toBe(count.total);
  });
});

test("the LM head of Granite is the embedding: counted once, and not among the active ones", () => {
  const tied = loadWorkload("granite-3.0-1b-a400m");
  const untied = { ...tied, tied_head: false };
  const head = tied.vocabulary_tokens * tied.hidden_features;
  expect(countParameters(tied).by_module.lm_head).toBe(0);
  expect(countParameters(untied).total - countParameters(tied).total).toBe(head);
  expect(countParameters(untied).active_per_token).toBe(
    countParameters(tied).active_per_token + head,
  );
});

test("DeepSeek-V3 counts one selection bias per routed expert", () => {
  const workload = loadWorkload("deepseek-v3");
  const router = { ...workload.moe.router, selection_bias: false };
  const without = { ...workload, moe: { ...workload.moe, router } };
  expect(countParameters(workload).total - countParameters(without).total).toBe(14_848);
});

test.each(["tiny-olmoe", "tiny-deepseekmoe"])(
  "%s has as many parameters as its checkpoint has values",
  (name) => {
    const file = readFileSync(
      new URL(`../../workloads/${name}/model.safetensors`, import.meta.url),
    );
    const headerBytes = Number(file.readBigUInt64LE(0));
    const header: Record<string, { shape?: number[] }> = JSON.parse(
      file.toString("utf8", 8, 8 + headerBytes),
    );
    const values = Object.values(header)
      .map(({ shape }) => shape?.reduce((a, b) => a * b, 1) ?? 0)
      .reduce((a, b) => a + b, 0);
    expect(countParameters(loadWorkload(name)).total).toBe(values);
  },
);

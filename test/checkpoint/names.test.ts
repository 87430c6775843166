import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { checkpointFamilies } from "../../src/checkpoint/names/index.ts";
import { parameterVectors, VECTOR_KINDS } from "../../src/checkpoint/vectors.ts";
import { importers } from "../../src/input/importers/index.ts";
import type { Workload } from "../../src/model/workload.ts";
import { json } from "../transformer/tiny-models.ts";
import { PUBLISHED } from "../workloads/published.ts";
import { headerOnly } from "./memory-files.ts";
import { CHECKPOINTS, mergedExperts, publishedShapes, type Shapes } from "./published-names.ts";

const workloadOf = (name: string): Workload => json(`workloads/${name}.json`);
const open = (shapes: Shapes, workload: Workload) =>
  openCheckpoint(
    headerOnly(shapes, (dtype) => (dtype === "BF16" ? 2 : dtype === "F32" ? 4 : 1)),
    workload,
    workload.name,
  );

test("every family that is imported has its names", () => {
  expect([...checkpointFamilies].sort()).toEqual(Object.keys(importers).sort());
});

describe.each(PUBLISHED)("$name", ({ name, total }) => {
  test("the reader finds every tensor, uses all, and they hold the published number of parameters", async () => {
    const checkpoint = await open(publishedShapes(workloadOf(name)), workloadOf(name));
    expect(checkpoint.unusedTensors).toEqual([]);
    expect(checkpoint.bytes).toBe(2 * total);
  });
});

/** Router names that differ after the conversion of transformers 5. */
const RENAMED_ROUTERS: Readonly<Record<string, string>> = {
  "mixtral-8x7b": "mlp.gate.weight",
  "phi-3.5-moe": "mlp.router.weight",
};

test.each(Object.keys(CHECKPOINTS).filter((name) => !/gpt-oss|granite/.test(name)))(
  "%s: the merged experts of transformers 5",
  async (name) => {
    const workload = workloadOf(name);
    const router = RENAMED_ROUTERS[name];
    const shapes = publishedShapes(workload, (s) => [
      ...CHECKPOINTS[name]!.experts(s)
        .filter(([tensor]) => !tensor.includes("{e}"))
        .map(([tensor, ...shape]): [string, ...number[]] => [
          tensor.endsWith("moe.gate.weight") && router !== undefined ? router : tensor,
          ...shape,
        ]),
      ...mergedExperts(s),
    ]);
    const checkpoint = await open(shapes, workload);
    expect(checkpoint.unusedTensors).toEqual([]);
    expect(checkpoint.bytes).toBe(2 * PUBLISHED.find((row) => row.name === name)!.total);
  },
);

test("gpt-oss as published: MXFP4 blocks and scales", async () => {
  const workload = workloadOf("gpt-oss-20b");
  const shapes = publishedShapes(workload);
  for (const [name, { shape }] of [...shapes]) {
    if (!/experts\.(gate_up|down)_proj$/.test(name)) continue;
    const [experts, inputs, rows] = shape as [number, number, number];
    shapes.delete(name);
    shapes.set(`${name}_blocks`, { dtype: "U8", shape: [experts, rows, inputs / 32, 16] });
    shapes.set(`${name}_scales`, { dtype: "U8", shape: [experts, rows, inputs / 32] });
  }
  const checkpoint = await open(shapes, workload);
  expect(checkpoint.unusedTensors).toEqual([]);
  // 24 layers, 32 experts, 3 matrices of 2880 x 2880 at 4.25 bits; the rest at 16.
  const quantised = 24 * 32 * 3 * 2880 * 2880;
  expect(checkpoint.bytes).toBe(2 * (20_914_757_184 - quantised) + (quantised * 17) / 32);
});

test("DeepSeek-V3 as published: FP8 with block scales, and an extra layer that is not used", async () => {
  const workload = workloadOf("deepseek-v3");
  const shapes = publishedShapes(workload);
  for (const [name, { shape }] of [...shapes]) {
    if (!/(_proj|_with_mqa)\.weight$/.test(name)) continue;
    const [rows, inputs] = shape as [number, number];
    shapes.set(name, { dtype: "F8_E4M3", shape });
    const blocks = [Math.ceil(rows / 128), Math.ceil(inputs / 128)];
    shapes.set(`${name}_scale_inv`, { dtype: "F32", shape: blocks });
  }
  shapes.set("model.layers.61.eh_proj.weight", { dtype: "BF16", shape: [7168, 14336] });
  shapes.set("model.layers.0.self_attn.rotary_emb.inv_freq", { dtype: "F32", shape: [32] });
  const checkpoint = await open(shapes, workload);
  expect(checkpoint.unusedTensors).toEqual([
    "model.layers.61.eh_proj.weight",
    "model.layers.0.self_attn.rotary_emb.inv_freq",
  ]);
});

test("every kind of vector occurs in one of the families", () => {
  const kinds = Object.keys(CHECKPOINTS).flatMap((name) =>
    parameterVectors(workloadOf(name)).map(({ kind }) => kind),
  );
  expect([...new Set(kinds)].sort()).toEqual([...VECTOR_KINDS].sort());
});

import { closeSync, openSync, readSync } from "node:fs";
import { expect, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { checkpointFiles } from "../../src/cli/files.ts";
import { matrixLabel, weightMatrices } from "../../src/model/matrix.ts";
import { countParameters } from "../../src/model/parameters.ts";
import { TINY_MODELS, tinyWorkload } from "../transformer/tiny-models.ts";
import { sameBits } from "./same-bits.ts";

/** Slow and plain: parses the header again, and takes one BF16 number at a time. */
function plainTensor(file: string, name: string): { shape: number[]; values: Float32Array } {
  const fd = openSync(file, "r");
  const read = (offset: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    readSync(fd, bytes, 0, length, offset);
    return bytes;
  };
  const length = Number(read(0, 8).readBigUInt64LE());
  const entry = JSON.parse(read(8, length).toString())[name];
  const [begin, end] = entry.data_offsets;
  const bytes = read(8 + length + begin, end - begin);
  closeSync(fd);
  const values = Float32Array.from({ length: bytes.length / 2 }, (_, i) => {
    const word = Buffer.alloc(4);
    word.writeUInt16LE(bytes.readUInt16LE(2 * i), 2);
    return word.readFloatLE();
  });
  return { shape: entry.shape, values };
}

const open = (model: (typeof TINY_MODELS)[number]) =>
  openCheckpoint(checkpointFiles(`workloads/${model}`), tinyWorkload(model), `workloads/${model}`);

/** What each of the two models calls some of its matrices. */
const NAMES = {
  "tiny-olmoe": {
    "layer 2 expert 17 gate": "model.layers.2.mlp.experts.17.gate_proj.weight",
    "layer 5 expert 0 down": "model.layers.5.mlp.experts.0.down_proj.weight",
    "layer 1 router": "model.layers.1.mlp.gate.weight",
    "layer 0 attention k": "model.layers.0.self_attn.k_proj.weight",
    "lm-head": "lm_head.weight",
    embedding: "model.embed_tokens.weight",
  },
  "tiny-deepseekmoe": {
    "layer 0 dense up": "model.layers.0.mlp.up_proj.weight",
    "layer 3 shared down": "model.layers.3.mlp.shared_experts.down_proj.weight",
    "layer 3 expert 23 up": "model.layers.3.mlp.experts.23.up_proj.weight",
    "layer 5 attention o": "model.layers.5.self_attn.o_proj.weight",
  },
} as const;

test.each(TINY_MODELS)("%s: matrices are the numbers in the file", async (model) => {
  const checkpoint = await open(model);
  for (const [label, tensor] of Object.entries(NAMES[model])) {
    const matrix = weightMatrices(tinyWorkload(model)).find((m) => matrixLabel(m) === label)!;
    const plain = plainTensor(`workloads/${model}/model.safetensors`, tensor);
    const expected =
      label === "embedding" ? [matrix.inputs, matrix.outputs] : [matrix.outputs, matrix.inputs];
    expect(plain.shape).toEqual(expected);
    expect(sameBits(await checkpoint.matrix(matrix), plain.values)).toBe(true);
    const rows = await checkpoint.matrixRows(matrix, 3, 5);
    const [from, to] = [3 * expected[1]!, 5 * expected[1]!];
    expect(sameBits(rows, plain.values.slice(from, to))).toBe(true);
  }
});

test.each(TINY_MODELS)("%s: every tensor is used, and every parameter counted", async (model) => {
  const checkpoint = await open(model);
  expect(checkpoint.unusedTensors).toEqual([]);
  expect(checkpoint.bytes).toBe(2 * countParameters(tinyWorkload(model)).total);
  const norm = await checkpoint.vector("final-norm", -1);
  const plain = plainTensor(`workloads/${model}/model.safetensors`, "model.norm.weight");
  expect(sameBits(norm, plain.values)).toBe(true);
  expect(checkpoint.hasVector("q-norm", 0)).toBe(model === "tiny-olmoe");
});

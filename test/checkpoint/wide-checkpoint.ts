/** One layer of the width of OLMoE-1B-7B, 805 MB in three shards, mostly holes on disk. */
import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type WeightMatrix, weightMatrices } from "../../src/model/matrix.ts";
import type { Workload } from "../../src/model/workload.ts";
import { loadWorkload } from "../workloads/load.ts";

export const HIDDEN = 2048;
export const EXPERTS = 64;
const SHARDS = 3;

/** OLMoE-1B-7B with one layer and a vocabulary of sixteen. */
export const wideWorkload = (): Workload => ({
  ...loadWorkload("olmoe-1b-7b"),
  layers: 1,
  vocabulary_tokens: 16,
});

/** Where the one row of a matrix is that is not zero, and its value: exact in BF16. */
export const peakRow = ({ id, outputs }: WeightMatrix): number => (id * 37) % outputs;
export const peakValue = ({ expert, part }: WeightMatrix): number =>
  (1 + (expert % 32) / 64) * (part === "down" ? 0.5 : 0.25);

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly matrix?: WeightMatrix;
}

function entries(): readonly Entry[] {
  const prefix = "model.layers.0";
  const norms = [
    "input_layernorm",
    "post_attention_layernorm",
    "self_attn.q_norm",
    "self_attn.k_norm",
  ];
  const named = weightMatrices(wideWorkload()).map((matrix): Entry => {
    const { module, part, expert, inputs, outputs } = matrix;
    const shape = module === "embedding" ? [inputs, outputs] : [outputs, inputs];
    switch (module) {
      case "embedding":
        return { name: "model.embed_tokens.weight", shape };
      case "lm-head":
        return { name: "lm_head.weight", shape };
      case "router":
        return { name: `${prefix}.mlp.gate.weight`, shape };
      case "attention":
        return { name: `${prefix}.self_attn.${part}_proj.weight`, shape };
      default:
        return { name: `${prefix}.mlp.experts.${expert}.${part}_proj.weight`, shape, matrix };
    }
  });
  return [
    ...named,
    ...norms.map((norm) => ({ name: `${prefix}.${norm}.weight`, shape: [HIDDEN] })),
    { name: "model.norm.weight", shape: [HIDDEN] },
  ];
}

const bytesOf = ({ shape }: Entry): number => 2 * shape.reduce((product, n) => product * n, 1);

/** BF16 of a number that has no more than eight significant bits. */
function bf16Row(value: number, length: number): Uint8Array {
  const word = new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16;
  return new Uint8Array(new Uint16Array(length).fill(word).buffer);
}

function writeShard(file: string, tensors: readonly Entry[]): void {
  const header: Record<string, unknown> = {};
  let at = 0;
  for (const entry of tensors) {
    const end = at + bytesOf(entry);
    header[entry.name] = { dtype: "BF16", shape: entry.shape, data_offsets: [at, end] };
    at = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const fd = openSync(file, "w");
  writeSync(fd, Buffer.concat([length, text]));
  ftruncateSync(fd, 8 + text.length + at);
  at = 8 + text.length;
  for (const entry of tensors) {
    if (entry.matrix !== undefined) {
      const row = bf16Row(peakValue(entry.matrix), entry.matrix.inputs);
      writeSync(fd, row, 0, row.length, at + peakRow(entry.matrix) * row.length);
    }
    at += bytesOf(entry);
  }
  closeSync(fd);
}

/** Writes the checkpoint; returns its size in bytes. */
export function writeWideCheckpoint(folder: string): number {
  const all = entries();
  const map: Record<string, string> = {};
  for (let shard = 0; shard < SHARDS; shard++) {
    const name = `model-0000${shard + 1}-of-0000${SHARDS}.safetensors`;
    const own = all.filter((_, i) => i % SHARDS === shard);
    writeShard(join(folder, name), own);
    for (const entry of own) map[entry.name] = name;
  }
  writeFileSync(
    join(folder, "model.safetensors.index.json"),
    JSON.stringify({ metadata: {}, weight_map: map }),
  );
  return all.reduce((sum, entry) => sum + bytesOf(entry), 0);
}

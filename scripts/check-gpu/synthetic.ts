/** A checkpoint of a model's exact shape with random weights, in sharded safetensors. */
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type WeightMatrix, weightMatrices } from "../../src/model/matrix.ts";
import type { Workload } from "../../src/model/workload.ts";
import { fillNormals } from "../../src/random/philox.ts";

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Standard deviation of its numbers; 0: all are 1, as in a norm. */
  readonly std: number;
}

function nameOf({ module, part, layer, expert }: WeightMatrix): string {
  if (module === "embedding") return "model.embed_tokens.weight";
  if (module === "lm-head") return "lm_head.weight";
  const place =
    module === "attention"
      ? `self_attn.${part}_proj`
      : module === "router"
        ? "mlp.gate"
        : `mlp.experts.${expert}.${part}_proj`;
  return `model.layers.${layer}.${place}.weight`;
}

/** Weights of std 0.02, OLMoE's initialisation; matrices as they are stored. */
function tensorsOf(workload: Workload, layer: number): readonly Tensor[] {
  const h = workload.hidden_features;
  const matrices = weightMatrices(workload)
    .filter((m) => m.layer === layer)
    .map((m) => ({
      name: nameOf(m),
      shape: m.module === "embedding" ? [m.inputs, m.outputs] : [m.outputs, m.inputs],
      std: m.module === "embedding" ? 1 : m.module === "router" ? 0.1 : 0.02,
    }));
  const norms =
    layer < 0
      ? ["model.norm.weight"]
      : ["input_layernorm", "post_attention_layernorm", "self_attn.q_norm", "self_attn.k_norm"].map(
          (name) => `model.layers.${layer}.${name}.weight`,
        );
  return [...matrices, ...norms.map((name) => ({ name, shape: [h], std: 0 }))];
}

const bf16 = (x: number): number => new Uint32Array(new Float32Array([x]).buffer)[0]! >>> 16;

/** Normals that tensors take their numbers from, each from another place on. */
function pool(std: number): Uint16Array {
  const normals = new Float32Array(1 << 22);
  fillNormals(normals, { seed: 3, matrix: 0, block: 0, purpose: "placement", row: 0 });
  const bits = new Uint32Array(normals.map((x) => x * std).buffer);
  return Uint16Array.from(bits, (word) => word >>> 16);
}

/** Writes the folder if it is not there. */
export function writeSynthetic(folder: string, workload: Workload, config: string): void {
  if (existsSync(join(folder, "model.safetensors.index.json"))) return;
  mkdirSync(folder, { recursive: true });
  const pools = new Map<number, Uint16Array>();
  const weight_map: Record<string, string> = {};
  for (let layer = -1; layer < workload.layers; layer++) {
    const file = `model-${String(layer + 2).padStart(5, "0")}-of-${String(workload.layers + 1).padStart(5, "0")}.safetensors`;
    const tensors = tensorsOf(workload, layer);
    for (const { name } of tensors) weight_map[name] = file;
    writeShard(join(folder, file), tensors, pools, layer + 1);
  }
  writeFileSync(join(folder, "config.json"), config);
  writeFileSync(
    join(folder, "model.safetensors.index.json"),
    JSON.stringify({ metadata: {}, weight_map }),
  );
}

function writeShard(
  path: string,
  tensors: readonly Tensor[],
  pools: Map<number, Uint16Array>,
  salt: number,
): void {
  let at = 0;
  const header: Record<string, unknown> = {};
  for (const { name, shape } of tensors) {
    const bytes = 2 * shape.reduce((a, b) => a * b, 1);
    header[name] = { dtype: "BF16", shape, data_offsets: [at, at + bytes] };
    at += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const text = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, 32)]);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  const fd = openSync(path, "w");
  for (const part of [size, text]) writeSync(fd, part);
  tensors.forEach(({ shape, std }, t) => {
    const count = shape.reduce((a, b) => a * b, 1);
    if (std === 0) {
      const ones = new Uint16Array(count).fill(bf16(1));
      writeSync(fd, Buffer.from(ones.buffer));
      return;
    }
    if (!pools.has(std)) pools.set(std, pool(std));
    const source = pools.get(std)!;
    let place = Math.imul(salt * 4099 + t, 0x9e3779b1) >>> 10;
    for (let done = 0; done < count; ) {
      const from = place % source.length;
      const n = Math.min(count - done, source.length - from);
      writeSync(fd, Buffer.from(source.buffer, 2 * from, 2 * n));
      done += n;
      place = (place * 5 + 12345 + done) >>> 0;
    }
  });
  closeSync(fd);
}

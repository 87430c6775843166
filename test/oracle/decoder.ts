/**
 * A decoder in float64, token by token and without any buffers: slow, and written apart from
 * `src/transformer`. Fine enough for finite differences.
 */
import { weightMatrices } from "../../src/model/matrix.ts";
import type { Workload } from "../../src/model/workload.ts";
import type { ModelWeights } from "../../src/transformer/assemble.ts";

type Vector = readonly number[];

/** All numbers of a model, writable. */
export interface Parameters64 {
  readonly matrices: readonly Float64Array[];
  readonly norms: readonly {
    readonly input: Float64Array;
    readonly postAttention: Float64Array;
    readonly q: Float64Array | null;
    readonly k: Float64Array | null;
  }[];
  readonly finalNorm: Float64Array;
}

export function parameters64({ matrices, norms, finalNorm }: ModelWeights): Parameters64 {
  const wide = (x: Float32Array) => Float64Array.from(x);
  const maybe = (x: Float32Array | null) => (x === null ? null : wide(x));
  return {
    matrices: matrices.map(wide),
    norms: norms.map(({ input, postAttention, q, k }) => ({
      input: wide(input),
      postAttention: wide(postAttention),
      q: maybe(q),
      k: maybe(k),
    })),
    finalNorm: wide(finalNorm),
  };
}

const sum = (x: Vector): number => x.reduce((a, b) => a + b, 0);
const add = (x: Vector, y: Vector): Vector => x.map((value, i) => value + y[i]!);
const silu = (x: number): number => x / (1 + Math.exp(-x));

function softmax(x: Vector): Vector {
  const largest = Math.max(...x);
  const e = x.map((value) => Math.exp(value - largest));
  const total = sum(e);
  return e.map((value) => value / total);
}

/** Sum over all tokens but the first of ln p(token | those before it) of one window. */
export function logLikelihood64(
  workload: Workload,
  { matrices, norms, finalNorm }: Parameters64,
  tokens: ArrayLike<number>,
): number {
  const shapes = weightMatrices(workload);
  const { attention, moe, layers, dense_layers, hidden_features: h } = workload;
  if (attention.kind !== "heads") throw new Error("heads expected");
  const { heads, kv_heads, head_features: width } = attention;
  const times = (
    module: string,
    part: string,
    layer: number,
    expert: number,
    x: Vector,
  ): Vector => {
    const m = shapes.find(
      (s) => s.module === module && s.part === part && s.layer === layer && s.expert === expert,
    )!;
    const w = matrices[m.id]!;
    return Array.from({ length: m.outputs }, (_, o) =>
      sum(x.map((value, i) => value * w[o * m.inputs + i]!)),
    );
  };
  const norm = (x: Vector, w: Float64Array): Vector => {
    const r = 1 / Math.sqrt(sum(x.map((v) => v * v)) / x.length + workload.norm.epsilon);
    return x.map((v, i) => v * r * w[i]!);
  };
  const gated = (module: string, layer: number, expert: number, x: Vector): Vector => {
    const up = times(module, "up", layer, expert, x);
    const held = times(module, "gate", layer, expert, x).map((g, i) => silu(g) * up[i]!);
    return times(module, "down", layer, expert, held);
  };
  const feedForward = (layer: number, x: Vector): Vector => {
    if (dense_layers.includes(layer)) return gated("dense", layer, -1, x);
    const p = softmax(times("router", "weight", layer, -1, x));
    const chosen = [...p.keys()].sort((a, b) => p[b]! - p[a]!).slice(0, moe.active_experts);
    const parts: Vector[] = chosen.map((e) => gated("expert", layer, e, x).map((v) => v * p[e]!));
    if (moe.shared_features > 0) parts.push(gated("shared", layer, -1, x));
    return parts.reduce<Vector>(
      add,
      x.map(() => 0),
    );
  };
  const rotated = (x: Vector, position: number): Vector =>
    x.map((value, i) => {
      const c = i % width;
      const half = width / 2;
      const angle = Math.fround(
        position * Math.fround(1 / workload.rope_theta ** ((2 * (c % half)) / width)),
      );
      // the program's table is rounded to float32; so is this, to compare the same function
      const [cos, sin] = [Math.fround(Math.cos(angle)), Math.fround(Math.sin(angle))];
      return c < half ? value * cos - x[i + half]! * sin : value * cos + x[i - half]! * sin;
    });
  const attend = (layer: number, xs: readonly Vector[]): Vector[] => {
    const project = (part: "q" | "k", x: Vector, position: number): Vector => {
      const raw = times("attention", part, layer, -1, x);
      const weight = norms[layer]![part];
      return rotated(weight === null ? raw : norm(raw, weight), position);
    };
    const q = xs.map((x, t) => project("q", x, t));
    const k = xs.map((x, t) => project("k", x, t));
    const v = xs.map((x) => times("attention", "v", layer, -1, x));
    const head = (x: Vector, n: number): Vector => x.slice(n * width, (n + 1) * width);
    return xs.map((_, t) => {
      const y = Array.from({ length: heads }, (_, n) => {
        const key = Math.floor((n * kv_heads) / heads);
        const scores = Array.from({ length: t + 1 }, (_, s) => {
          const other = head(k[s]!, key);
          return sum(head(q[t]!, n).map((value, c) => value * other[c]!)) / Math.sqrt(width);
        });
        const p = softmax(scores);
        return Array.from({ length: width }, (_, c) =>
          sum(p.map((weight, s) => weight * head(v[s]!, key)[c]!)),
        );
      });
      return times("attention", "o", layer, -1, y.flat());
    });
  };
  let stream: Vector[] = Array.from({ length: tokens.length }, (_, t) => [
    ...matrices[0]!.slice(tokens[t]! * h, (tokens[t]! + 1) * h),
  ]);
  for (let layer = 0; layer < layers; layer++) {
    const { input, postAttention } = norms[layer]!;
    const attended = attend(
      layer,
      stream.map((x) => norm(x, input)),
    );
    stream = stream.map((x, t) => add(x, attended[t]!));
    stream = stream.map((x) => add(x, feedForward(layer, norm(x, postAttention))));
  }
  return sum(
    stream.slice(0, -1).map((x, t) => {
      const logits = times("lm-head", "weight", -1, -1, norm(x, finalNorm));
      return Math.log(softmax(logits)[tokens[t + 1]!]!);
    }),
  );
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeGroup, prefillGroup } from "../../src/lowering/groups.ts";
import { attendedTokens, kvFeatures } from "../../src/lowering/room.ts";
import { type Tally, tallyGraph } from "../../src/lowering/tally.ts";
import type { WeightMatrix } from "../../src/model/matrix.ts";
import type { Placement } from "../../src/model/placement.ts";
import type { Workload } from "../../src/model/workload.ts";
import {
  allAnalog,
  allDigital,
  expertsAnalog,
  loadArch,
  loadWorkload,
  placementOf,
} from "../evaluate/load.ts";
import { type FlatGraph, lowered, sumOf, takingTurns } from "./lowered.ts";

const arch = loadArch("hetero-pcm");
const olmoe = loadWorkload("tiny-olmoe");
const deepseek = loadWorkload("tiny-deepseekmoe");
/** Few matrices of the kinds that the two tiny models lack. */
const small = (change: Partial<Workload>): Workload => ({
  ...olmoe,
  layers: 2,
  moe: { ...olmoe.moe, experts: 6, active_experts: 2 },
  ...change,
});
const grouped = small({
  attention: {
    kind: "heads",
    heads: 8,
    kv_heads: 2,
    head_features: 32,
    qk_norm: "none",
    qkv_bias: false,
    output_bias: false,
    sinks: true,
    sliding_window_tokens: 3,
    sliding_layers: "even",
  },
  moe: { ...olmoe.moe, experts: 6, active_experts: 2, shared_features: 48, shared_gate: true },
});
const latent = small({
  attention: {
    kind: "latent",
    heads: 8,
    q_lora_features: 48,
    kv_lora_features: 32,
    nope_features: 32,
    rope_features: 16,
    value_features: 24,
  },
});
const MODELS = { olmoe, deepseek, grouped, latent };
const models = Object.entries(MODELS);

/** Target of each matrix by a coin that its id seeds. */
const coin =
  (seed: number) =>
  ({ id }: WeightMatrix) =>
    ((id * 2654435761 + seed * 40503) >>> 7) % 3 === 0 ? ("digital" as const) : ("analog" as const);

const anyPlacement = fc.oneof(
  fc.constantFrom(allAnalog, allDigital, expertsAnalog),
  fc.nat(1000).map((seed) => (workload: Workload) => placementOf(workload, coin(seed))),
);
const anyGroup = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 5 }), fc.boolean())
  .map(([batch, n, isPrefill]) => (isPrefill ? prefillGroup(batch, n) : decodeGroup(batch, n, 1)));
const anyModel = fc.constantFrom(...Object.keys(MODELS)).map((name) => MODELS[name as "olmoe"]);

describe("the op graph", () => {
  test("has its edges forward, resources and routes that exist, and no lost ends", () => {
    fc.assert(
      fc.property(anyModel, anyPlacement, anyGroup, (model, place, group) => {
        const { lowering, routes } = lowered(arch, model, place(model), takingTurns(6));
        const graph = lowering.graph(group);
        const hasBefore = new Uint8Array(graph.opCount);
        const wrong: number[] = [];
        let ends = 0;
        let roots = 0;
        for (let op = 0; op < graph.opCount; op++) {
          const r = graph.resource[op]!;
          const isMessage = lowering.ops[graph.opClass[op]!]!.kind === "message";
          const exists = r < 0 ? routes.hopsOf(~r) >= 0 : r < lowering.resources.length;
          if (isMessage !== r < 0 || !exists) wrong.push(op);
          if (graph.successors[op]!.length === 0) ends++;
          if (hasBefore[op] === 0) roots++;
          for (const next of graph.successors[op]!) {
            if (next <= op) wrong.push(op);
            hasBefore[next] = 1;
          }
        }
        expect(wrong).toEqual([]);
        const sequences = new Set(group.sequence).size;
        // a run begins with the embedding rows and ends with the choices of the last tokens, and
        // with what the other tokens of the prompt leave in the residual stream
        expect(roots).toBe(group.tokens);
        expect(ends).toBe(sequences + (group.tokens - sequences));
      }),
      { numRuns: 30 },
    );
  });

  test("counts like its tally", () => {
    const listed = ({ opClass, resource, count }: Tally): string[] =>
      [...opClass].map((c, i) => `${c} ${resource[i]} ${count[i]}`);
    fc.assert(
      fc.property(anyModel, anyPlacement, anyGroup, (model, place, group) => {
        const { lowering } = lowered(arch, model, place(model), takingTurns(6));
        const tally = lowering.tally(group);
        const graph = tallyGraph(lowering.packed(group));
        expect(tally.opCount).toBe(graph.opCount);
        expect(listed(tally)).toEqual(listed(graph));
      }),
      { numRuns: 30 },
    );
  });
});

/** Weights that one token of a group meets, apart from the LM head. */
function weightsMet(
  matrices: readonly WeightMatrix[],
  placement: Placement,
  target: string,
  k: number,
) {
  const of = (wanted: (m: WeightMatrix) => boolean): number =>
    matrices
      .filter((m) => placement.targets[m.id] === target && wanted(m))
      .reduce((sum, m) => sum + m.inputs * m.outputs, 0);
  const perToken = of(
    ({ module, expert }) =>
      module !== "embedding" && module !== "lm-head" && (module !== "expert" || expert < k),
  );
  return { perToken, head: of(({ module }) => module === "lm-head") };
}

/** Multiply-accumulates of scores and values: each token looks at all up to itself. */
function attentionMacs(workload: Workload, lengths: readonly number[]): number {
  const a = workload.attention;
  const perPair =
    a.kind === "heads"
      ? 2 * a.heads * a.head_features
      : a.heads * (2 * a.kv_lora_features + a.rope_features);
  let pairs = 0;
  for (let layer = 0; layer < workload.layers; layer++)
    for (const n of lengths) pairs += attendedTokens(workload, layer, n);
  return perPair * pairs;
}

describe.each(models)("%s", (_name, model) => {
  const k = model.moe.active_experts;
  const group = prefillGroup(2, 6);
  const lengths = [...group.length];
  const run = (placement: Placement): ReturnType<typeof lowered> & { graph: FlatGraph } => {
    const all = lowered(arch, model, placement);
    return { ...all, graph: all.lowering.graph(group) };
  };

  test("analog reads meet every active weight once per token", () => {
    const placement = allAnalog(model);
    const { graph, lowering, matrices } = run(placement);
    const { perToken, head } = weightsMet(matrices, placement, "analog", k);
    const read = sumOf(graph, lowering.ops, "mvm", (op) => op.rows * op.cols);
    expect(read).toBe(perToken * group.tokens + head * 2);
  });

  test("digital products: active weights once per token, causal attention in closed form", () => {
    for (const placement of [allDigital(model), allAnalog(model)]) {
      const { graph, lowering, matrices } = run(placement);
      const { perToken, head } = weightsMet(matrices, placement, "digital", k);
      const macs = sumOf(
        graph,
        lowering.ops,
        "matmul",
        (op) => op.batch * op.tokens * op.inputs * op.outputs,
      );
      const expected = perToken * group.tokens + head * 2 + attentionMacs(model, lengths);
      expect(macs).toBe(expected);
    }
  });

  test("digital weights of chosen experts are fetched once per group, embedding rows per token", () => {
    const placement = allDigital(model);
    const { graph, lowering, matrices, digital } = run(placement);
    const { perToken, head } = weightsMet(matrices, placement, "digital", k);
    // KV traffic is in the same memory
    const kv_B =
      2 *
      kvFeatures(model) *
      lengths.reduce((sum, n) => {
        let attended = 0;
        for (let layer = 0; layer < model.layers; layer++)
          attended += attendedTokens(model, layer, n);
        return sum + attended;
      }, 0);
    const read_B = sumOf(graph, lowering.ops, "memory", (op) =>
      op.memory === digital.weightMemory && op.access === "read" ? op.bytes : 0,
    );
    const rows_B = group.tokens * model.hidden_features * digital.weight_B;
    expect(read_B).toBe((perToken + head) * digital.weight_B + rows_B + kv_B);
  });

  test("keys and values are written once per token and layer", () => {
    const { graph, lowering } = run(allAnalog(model));
    const written_B = sumOf(graph, lowering.ops, "memory", (op) =>
      op.memory === 1 && op.access === "write" ? op.bytes : 0,
    );
    expect(written_B).toBe(group.tokens * model.layers * kvFeatures(model) * 2);
  });

  test("softmax: one logit per head and token looked at", () => {
    const { graph, lowering } = run(allAnalog(model));
    const a = model.attention;
    const sinks = a.kind === "heads" && a.sinks ? 1 : 0;
    let logits = 0;
    for (let layer = 0; layer < model.layers; layer++)
      for (const n of lengths) logits += a.heads * (attendedTokens(model, layer, n) + sinks);
    const router = group.tokens * (model.layers - model.dense_layers.length) * model.moe.experts;
    const softmax = sumOf(graph, lowering.ops, "vector", (op) =>
      op.fn === "softmax" ? op.elements : 0,
    );
    expect(softmax).toBe(logits + router);
  });
});

describe("what waits for what", () => {
  /** For each op, whether `from` comes before it on some path. */
  const reachable = (graph: FlatGraph, from: number): Uint8Array => {
    const reached = new Uint8Array(graph.opCount);
    reached[from] = 1;
    for (let op = from; op < graph.opCount; op++)
      if (reached[op] === 1) for (const next of graph.successors[op]!) reached[next] = 1;
    return reached;
  };
  const lastOpOf = (graph: FlatGraph, token: number): number => graph.token.lastIndexOf(token);
  const oneOf = small({ layers: 1 });

  test("a token needs all tokens before it in its sequence, and none of another", () => {
    const group = prefillGroup(2, 4);
    const graph = lowered(arch, oneOf, allAnalog(oneOf)).lowering.graph(group);
    for (let early = 0; early < group.tokens; early++) {
      const reached = reachable(graph, graph.token.indexOf(early));
      for (let late = 0; late < group.tokens; late++) {
        // token 0 brings the router's weights for all
        if (early === 0) continue;
        const isBefore =
          group.sequence[early] === group.sequence[late] &&
          group.length[early]! <= group.length[late]!;
        expect(reached[lastOpOf(graph, late)] === 1).toBe(isBefore);
      }
    }
  });

  test("a digital matrix makes all tokens of the group wait for one another", () => {
    const group = prefillGroup(2, 4);
    const placement = placementOf(oneOf, ({ part }) => (part === "q" ? "digital" : "analog"));
    const graph = lowered(arch, oneOf, placement).lowering.graph(group);
    for (let early = 0; early < group.tokens; early++) {
      const reached = reachable(graph, graph.token.indexOf(early));
      for (let late = 0; late < group.tokens; late++)
        expect(reached[lastOpOf(graph, late)]).toBe(1);
    }
  });
});

describe("several kinds of tile", () => {
  /** Most crossbars of the first kind are too few; the second kind is half as wide. */
  const twoKinds = {
    ...arch,
    tiles: [
      {
        ...arch.tiles[0]!,
        name: "first",
        count: 10,
        crossbar: { ...arch.tiles[0]!.crossbar, tiers: 2 },
      },
      {
        ...arch.tiles[0]!,
        name: "second",
        count: 200,
        crossbar: { ...arch.tiles[0]!.crossbar, cols: 256, rows: 128, tiers: 4 },
      },
    ],
  };

  test("every read is of the kind of its tile, and all active weights are read", () => {
    const model = small({});
    const placement = allAnalog(model);
    const { lowering, matrices } = lowered(twoKinds, model, placement);
    const graph = lowering.graph(decodeGroup(3, 2, 0));
    const read = sumOf(graph, lowering.ops, "mvm", (op, i) => {
      expect(lowering.resources[graph.resource[i]!]).toMatchObject({
        group: "tile",
        kind: op.tileKind,
      });
      return op.rows * op.cols;
    });
    const { perToken, head } = weightsMet(matrices, placement, "analog", 2);
    expect(read).toBe(3 * (perToken + head));
    const kinds = new Set(lowering.ops.flatMap((op) => (op.kind === "mvm" ? [op.tileKind] : [])));
    expect(kinds).toEqual(new Set([0, 1]));
  });
});

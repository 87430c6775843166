import { describe, expect, test } from "vitest";
import { decodeGroup } from "../../src/lowering/groups.ts";
import type { Arch } from "../../src/model/arch.ts";
import { allAnalog, loadArch, loadWorkload, placementOf } from "../evaluate/load.ts";
import { lowered, sumOf } from "./lowered.ts";

const full = loadArch("hetero-pcm");
const tiny = loadWorkload("tiny-olmoe");
/** 256 features, 8 heads, 2 of 6 experts of 160 features, 4,096 tokens. */
const model = {
  ...tiny,
  layers: 1,
  moe: { ...tiny.moe, experts: 6, active_experts: 2, expert_features: 160 },
};
/** Crossbars of 128 x 128, each on a node of its own; the hub is apart. */
const arch: Arch = {
  ...full,
  tiles: full.tiles.map((tile) => ({
    ...tile,
    count: 200,
    crossbar: { ...tile.crossbar, rows: 128, cols: 128, tiers: 1 },
  })),
  interconnect: {
    ...full.interconnect,
    kind: "mesh",
    cols: 20,
    rows: 20,
    tiles_per_node: 1,
    hub_nodes: [210],
  },
};

/** Bytes of partial sums and results of one product. */
const sums_B = (inputs: number, outputs: number): number =>
  (Math.ceil(inputs / 128) - 1) * outputs * 2 + outputs * 2;
/** The inputs go out once, to all column blocks. */
const product_B = (inputs: number, outputs: number): number => inputs + sums_B(inputs, outputs);
const head_B = product_B(256, 4096);
/** q, k and v take the same inputs, o takes others. */
const attention_B = 256 + 3 * sums_B(256, 256) + product_B(256, 256);

describe("messages of one token, inputs of 8 bits and results of 16", () => {
  const bytes = (placement: ReturnType<typeof allAnalog>): number => {
    const { lowering } = lowered(arch, model, placement);
    const graph = lowering.graph(decodeGroup(1, 0, 0));
    return sumOf(graph, lowering.ops, "message", (op) => op.bytes);
  };

  test("all products go out from the hub and come back to it", () => {
    const withoutExperts = placementOf(model, ({ module }) =>
      module === "expert" ? "digital" : "analog",
    );
    expect(bytes(withoutExperts)).toBe(attention_B + head_B);
  });

  test("in an expert, sums of up go to gate and hidden parts straight on to down", () => {
    const gateAndUp_B = 2 * 160 * 2;
    const upToGate_B = 160 * 2;
    const toDown_B = 160;
    const down_B = 256 * 2 + 256 * 2;
    const expert_B = gateAndUp_B + upToGate_B + toDown_B + down_B;
    // both experts of the token are sent the same 256 inputs
    expect(bytes(allAnalog(model))).toBe(attention_B + head_B + 256 + 2 * expert_B);
  });

  test("an expert whose up is digital goes by the hub", () => {
    const partly = placementOf(model, ({ part }) => (part === "up" ? "digital" : "analog"));
    const expert_B = product_B(256, 160) + product_B(160, 256);
    expect(bytes(partly)).toBe(attention_B + head_B + 2 * expert_B);
  });

  test("the stream moves when the next layer has another hub", () => {
    const two = { ...model, layers: 2 };
    const digital = placementOf(two, () => "digital");
    const chip = { ...arch, interconnect: { ...arch.interconnect, hub_nodes: [210, 211] } };
    const { lowering } = lowered(chip, two, digital);
    const graph = lowering.graph(decodeGroup(3, 0, 0));
    expect(sumOf(graph, lowering.ops, "message", (op) => op.bytes)).toBe(3 * 256 * 2);
  });
});

describe("a dispatch to several nodes", () => {
  const dispatches = (chip: Arch) => {
    const { lowering, routes } = lowered(chip, model, allAnalog(model));
    const graph = lowering.graph(decodeGroup(1, 0, 0));
    const { begin, links, parent } = routes.table();
    return [...new Set(graph.resource)]
      .filter((r) => r < 0)
      .map((r) => {
        const [first, end] = [begin[~r]!, begin[~r + 1]!];
        return { links: [...links.slice(first, end)], parent: [...parent.slice(first, end)] };
      });
  };

  test("crosses every link of its tree once, and forks", () => {
    const trees = dispatches(arch);
    expect(trees.some(({ parent }) => parent.some((p, i) => p !== i - 1))).toBe(true);
    for (const { links } of trees) expect(new Set(links).size).toBe(links.length);
  });

  test("on one node it needs no fork", () => {
    const together = { ...arch.interconnect, tiles_per_node: 200 };
    for (const { parent } of dispatches({ ...arch, interconnect: together }))
      expect(parent.every((p, i) => p === i - 1)).toBe(true);
  });
});

test("local units: two operations per partial result, SwiGLU once per hidden feature", () => {
  const { lowering } = lowered(arch, model, allAnalog(model));
  const graph = lowering.graph(decodeGroup(1, 0, 0));
  const elements = (fn: string): number =>
    sumOf(graph, lowering.ops, "tile-vector", (op) => (op.fn === fn ? op.elements : 0));
  const rowBlocks = 2;
  const perExpert = 2 * 160 * rowBlocks + 256 * rowBlocks;
  expect(elements("multiply-add")).toBe(rowBlocks * (4 * 256 + 4096) + 2 * perExpert);
  expect(elements("swiglu")).toBe(2 * 160);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DoesNotFit, type Fits, mapPlacement } from "../../src/mapping/map.ts";
import { type Mapping, matrixOfBlock } from "../../src/mapping/mapping.ts";
import { crossbarUse } from "../../src/mapping/use.ts";
import { type Module, type WeightMatrix, weightMatrices } from "../../src/model/matrix.ts";
import { loadWorkload, WORKLOADS } from "../evaluate/load.ts";
import { allAnalog, chip, tiles } from "./chips.ts";

const mapped = (result: Fits | DoesNotFit): Fits => {
  if (!result.feasible) throw new Error(result.reason);
  return result;
};

function blocksByModule(matrices: readonly WeightMatrix[], mapping: Mapping) {
  const counts = new Map<Module, number>();
  for (const { id, module } of matrices) {
    const blocks = mapping.blockBegin[id + 1]! - mapping.blockBegin[id]!;
    counts.set(module, (counts.get(module) ?? 0) + blocks);
  }
  return Object.fromEntries(counts);
}

describe("crossbars of whole models", () => {
  test("OLMoE on 512 x 512: 24,576 for experts, 1,024 for attention, 396 for the LM head", () => {
    const matrices = weightMatrices(loadWorkload("olmoe-1b-7b"));
    const big = chip(tiles(1000, 64));
    const { mapping } = mapped(mapPlacement(big, matrices, allAnalog(matrices), "infeasible"));
    expect(blocksByModule(matrices, mapping)).toEqual({
      embedding: 0,
      router: 0,
      expert: 24_576,
      attention: 1_024,
      "lm-head": 396,
    });
    expect(mapping.blockCount).toBe(25_996);
  });

  test.each(WORKLOADS)("%s: ceil(inputs / 512) x ceil(outputs / 512) of each matrix", (name) => {
    const matrices = weightMatrices(loadWorkload(name));
    const placement = allAnalog(matrices);
    const expected = matrices
      .filter(({ id }) => placement.targets[id] === "analog")
      .reduce((sum, m) => sum + Math.ceil(m.inputs / 512) * Math.ceil(m.outputs / 512), 0);
    const { mapping } = mapped(
      mapPlacement(chip(tiles(expected, 1)), matrices, placement, "infeasible"),
    );
    expect(mapping.blockCount).toBe(expected);
    const oneLess = mapPlacement(chip(tiles(expected - 1, 1)), matrices, placement, "infeasible");
    expect(oneLess).toMatchObject({ feasible: false, needed: expected, available: expected - 1 });
  });
});

const matricesOf = (shapes: readonly (readonly [number, number])[]): WeightMatrix[] =>
  shapes.map(([inputs, outputs], id) => ({
    id,
    module: "expert",
    part: "gate",
    layer: 0,
    expert: id,
    inputs,
    outputs,
  }));

const shape = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }));
const shapes = fc.array(shape, { minLength: 1, maxLength: 8 });
const kind = fc
  .record({
    count: fc.integer({ min: 1, max: 12 }),
    tiers: fc.integer({ min: 1, max: 4 }),
    side: fc.integer({ min: 3, max: 9 }),
    slices: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ count, tiers, side, slices }) => tiles(count, tiers, side, slices));

describe("any mapping", () => {
  test("blocks cover every weight once, fit their crossbar and share none", () => {
    fc.assert(
      fc.property(shapes, fc.array(kind, { minLength: 1, maxLength: 3 }), (sizes, kinds) => {
        const matrices = matricesOf(sizes);
        const result = mapPlacement(chip(...kinds), matrices, allAnalog(matrices), "infeasible");
        if (!result.feasible) return;
        const { mapping } = result;
        const places = new Set<string>();
        const weights = matrices.map(({ inputs, outputs }) => inputs * outputs);
        const firstTile = kinds.map((_, k) =>
          kinds.slice(0, k).reduce((sum, { count }) => sum + count, 0),
        );
        for (let b = 0; b < mapping.blockCount; b++) {
          const matrix = matrixOfBlock(mapping, b);
          const i = b - mapping.blockBegin[matrix]!;
          const { rowBegin, rowEnd, colBegin, colEnd } = mapping.cuts[matrix]!;
          const { crossbar, count } = kinds[mapping.tileKind[matrix]!]!;
          const rows = rowEnd[i]! - rowBegin[i]!;
          const cols = colEnd[i]! - colBegin[i]!;
          expect(rows).toBeLessThanOrEqual(crossbar.rows);
          expect(cols * crossbar.slices).toBeLessThanOrEqual(crossbar.cols);
          const tile = mapping.tile[b]! - firstTile[mapping.tileKind[matrix]!]!;
          expect(tile).toBeGreaterThanOrEqual(0);
          expect(tile).toBeLessThan(count);
          expect(mapping.tier[b]).toBeLessThan(crossbar.tiers);
          places.add(`${mapping.tile[b]} ${mapping.tier[b]}`);
          weights[matrix]! -= rows * cols;
        }
        expect(places.size).toBe(mapping.blockCount);
        expect(weights.every((left) => left === 0)).toBe(true);
      }),
    );
  });

  test("tiles fill evenly, and consecutive blocks lie on different tiles while there are enough", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 60 }), (sizes, count) => {
        const matrices = matricesOf(sizes);
        const one = chip(tiles(count, 1000, 5));
        const { mapping } = mapped(mapPlacement(one, matrices, allAnalog(matrices), "infeasible"));
        const used = new Int32Array(count);
        for (const tile of mapping.tile) used[tile]!++;
        expect(Math.max(...used) - Math.min(...used)).toBeLessThanOrEqual(1);
        const runs = Array.from({ length: Math.max(0, mapping.blockCount - count + 1) }, (_, b) =>
          mapping.tile.subarray(b, b + count),
        );
        expect(runs.every((run) => new Set(run).size === count)).toBe(true);
      }),
    );
  });
});

describe("what does not fit", () => {
  /** Three experts of two crossbars each per layer, two layers, and an LM head of one. */
  const experts: WeightMatrix[] = [0, 1].flatMap((layer) =>
    [0, 1, 2].map((expert) => ({
      id: 3 * layer + expert,
      module: "expert" as const,
      part: "up" as const,
      layer,
      expert,
      inputs: 16,
      outputs: 8,
    })),
  );
  const head: WeightMatrix = {
    id: 6,
    module: "lm-head",
    part: "weight",
    layer: -1,
    expert: -1,
    inputs: 8,
    outputs: 8,
  };
  const matrices = [...experts, head];
  const placement = allAnalog(matrices);

  test("is told with both numbers", () => {
    const result = mapPlacement(chip(tiles(5, 2, 8)), matrices, placement, "infeasible");
    expect(result).toMatchObject({ feasible: false, needed: 13, available: 10 });
  });

  test("digital: the last experts that find no crossbar, all the rest stays analog", () => {
    const result = mapPlacement(chip(tiles(5, 2, 8)), matrices, placement, "digital");
    const { placement: changed, notes, mapping } = mapped(result);
    expect(changed.targets).toEqual([
      "analog",
      "analog",
      "analog",
      "analog",
      "digital",
      "digital",
      "analog",
    ]);
    expect(mapping.blockCount).toBe(9);
    expect(notes).toEqual([
      "2 of 6 analog experts found no crossbar and are computed digitally, from layer 1 expert 1 up on",
    ]);
  });

  test("reprogram: as many places as fit, the first experts in them, the others absent", () => {
    const result = mapPlacement(chip(tiles(5, 2, 8)), matrices, placement, "reprogram");
    const { mapping, placement: same } = mapped(result);
    expect(same).toBe(placement);
    expect(mapping.slots).toMatchObject({ slotCount: 4, crossbarsPerSlot: 2 });
    const absent = [...mapping.tile].filter((tile) => tile < 0).length;
    expect(absent).toBe(2 * 2);
    const crossbars = [...mapping.slots!.tile].map((t, i) => `${t} ${mapping.slots!.tier[i]}`);
    expect(new Set(crossbars).size).toBe(8);
    const headBlock = mapping.blockBegin[6]!;
    expect(crossbars).not.toContain(`${mapping.tile[headBlock]} ${mapping.tier[headBlock]}`);
    expect(crossbarUse(mapping, [tiles(5, 2, 8)])).toEqual({
      tilesByKind: [5],
      crossbars: 9,
      cell_frac: 1,
    });
  });

  test.each(["digital", "reprogram"] as const)(
    "%s cannot help what is no expert, nor a single expert without a place",
    (overflow) => {
      const none = mapPlacement(chip(), matrices, placement, overflow);
      expect(none).toMatchObject({ feasible: false, available: 0 });
    },
  );
});

test("cells in use: 5 x 3 weights of 2 slices on a crossbar of 8 x 8 are 30 of 64", () => {
  const matrices = matricesOf([[5, 3]]);
  const kinds = [tiles(2, 1, 8, 2)];
  const { mapping } = mapped(
    mapPlacement(chip(...kinds), matrices, allAnalog(matrices), "infeasible"),
  );
  expect(crossbarUse(mapping, kinds)).toEqual({
    tilesByKind: [1],
    crossbars: 1,
    cell_frac: 30 / 64,
  });
});

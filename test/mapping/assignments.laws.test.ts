import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AssignmentProblem, BlockOwner } from "../../src/mapping/assignment.ts";
import { assignments } from "../../src/mapping/assignments/index.ts";
import { smallestTiles } from "../../src/mapping/assignments/smallest-tiles.ts";

/** Owners of one layer with experts that are used with the given probabilities. */
function problem(
  { tiles, tiers, seed = 1 }: { tiles: number; tiers: number; seed?: number },
  owners: readonly { readonly uses: number; readonly blocks: number }[],
  together?: (a: number, b: number) => number,
): AssignmentProblem {
  let item = 0;
  const listed = owners.map(({ uses, blocks }, expert): BlockOwner => {
    const firstItem = item;
    item += blocks;
    return { layer: 0, expert, uses, firstItem, endItem: item };
  });
  const n = owners.length;
  const pairs = Float64Array.from({ length: n * n }, (_, i) => {
    const [a, b] = [Math.floor(i / n), i % n];
    if (a === b) return owners[a]!.uses;
    return together?.(a, b) ?? owners[a]!.uses * owners[b]!.uses;
  });
  return {
    seed,
    tiles,
    tiers,
    owners: listed,
    read_ps: new Float64Array(item).fill(100),
    unit_ps: Float64Array.from({ length: item }, (_, i) => (i % 2 === 0 ? 300 : 0)),
    hop_ps: new Float64Array(item),
    hopsFrom: () => new Int32Array(tiles),
    together: () => pairs,
    experts: n,
  };
}

const anyProblem = fc
  .record({
    tiles: fc.integer({ min: 1, max: 9 }),
    tiers: fc.integer({ min: 1, max: 6 }),
    seed: fc.nat(1000),
    owners: fc.array(
      fc.record({
        uses: fc.double({ min: 0, max: 1, noNaN: true }),
        blocks: fc.integer({ min: 1, max: 5 }),
      }),
      { minLength: 1, maxLength: 10 },
    ),
  })
  .filter(({ tiles, tiers, owners }) => owners.reduce((n, o) => n + o.blocks, 0) <= tiles * tiers)
  .map(({ owners, ...chip }) => problem(chip, owners));

/** Crossbars in use of each tile. */
function loads(tile: Int32Array, tiles: number): number[] {
  const load = new Array<number>(tiles).fill(0);
  for (const t of tile) load[t]!++;
  return load;
}

describe.each(Object.entries(assignments))("assignment %s", (_name, { assign }) => {
  test("every block gets one tile of the chip, and no tile more than it holds", () => {
    fc.assert(
      fc.property(anyProblem, (each) => {
        const tile = assign(each);
        expect(tile).toHaveLength(each.read_ps.length);
        for (const t of tile) expect(t >= 0 && t < each.tiles).toBe(true);
        expect(Math.max(...loads(tile, each.tiles))).toBeLessThanOrEqual(each.tiers);
      }),
    );
  });

  test("is a function of the problem", () => {
    fc.assert(
      fc.property(anyProblem, (each) => {
        expect(assign(each)).toEqual(assign({ ...each }));
      }),
    );
  });

  test("fills the chip to the last crossbar", () => {
    const full = problem({ tiles: 4, tiers: 3 }, [
      { uses: 0.9, blocks: 5 },
      { uses: 0.1, blocks: 7 },
    ]);
    expect(loads(assign(full), 4)).toEqual([3, 3, 3, 3]);
  });
});

describe("co-activation", () => {
  const { assign } = assignments["co-activation"];

  test("blocks of one owner sit on different tiles while there are any", () => {
    fc.assert(
      fc.property(anyProblem, (each) => {
        const tile = assign(each);
        const busiest = each.owners.reduce((a, b) => (b.uses > a.uses ? b : a));
        const own = tile.slice(busiest.firstItem, busiest.endItem);
        expect(new Set(own).size).toBe(Math.min(own.length, each.tiles));
      }),
    );
  });

  test("experts that fire together part, those that never do share a tile", () => {
    // 0 with 1, and 2 with 3, always; two tiles, equally often used.
    const pairs = (a: number, b: number): number => (a >> 1 === b >> 1 ? 0.5 : 0);
    const four = [0.5, 0.5, 0.5, 0.5].map((uses) => ({ uses, blocks: 1 }));
    const tile = assign(problem({ tiles: 2, tiers: 2 }, four, pairs));
    expect(tile[0]).not.toBe(tile[1]);
    expect(tile[2]).not.toBe(tile[3]);
  });

  test("hot experts are kept apart: as even as can be, where in-order puts them together", () => {
    // Experts 0 and 2 are hot and meet on tile 0 in order.
    const four = [0.9, 0.1, 0.9, 0.1].map((uses) => ({ uses, blocks: 1 }));
    const each = problem({ tiles: 2, tiers: 2 }, four);
    const work = (tile: Int32Array): number[] =>
      [0, 1].map((t) => four.reduce((sum, { uses }, o) => sum + (tile[o] === t ? uses : 0), 0));
    expect(work(assignments["in-order"].assign(each)).map((w) => w.toFixed(1))).toEqual([
      "1.8",
      "0.2",
    ]);
    expect(work(assign(each)).map((w) => w.toFixed(1))).toEqual(["1.0", "1.0"]);
  });

  test("of equal tiles the one near the hub is taken", () => {
    const one = problem({ tiles: 3, tiers: 1 }, [{ uses: 1, blocks: 1 }]);
    const far = {
      ...one,
      hop_ps: new Float64Array([5000]),
      hopsFrom: () => Int32Array.of(4, 1, 2),
    };
    expect([...assign(far)]).toEqual([1]);
  });
});

describe("smallestTiles", () => {
  test("are those that sorting finds", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(9), fc.nat(2)), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 8 }),
        (tiles, wanted) => {
          const free = Int32Array.from(tiles, ([, n]) => n);
          fc.pre(free.some((n) => n > 0));
          const score = Float64Array.from(tiles, ([s]) => s);
          const sorted = [...tiles.keys()]
            .filter((t) => free[t]! > 0)
            .sort((a, b) => score[a]! - score[b]! || a - b)
            .slice(0, wanted);
          expect(smallestTiles(score, free, wanted)).toEqual(sorted);
        },
      ),
    );
  });

  test("no free crossbar is a bug of the caller", () => {
    expect(() => smallestTiles(new Float64Array(2), new Int32Array(2), 1)).toThrow("no tile");
  });
});

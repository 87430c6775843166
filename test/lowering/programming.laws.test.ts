import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeGroup, prefillGroup } from "../../src/lowering/groups.ts";
import { createResidency } from "../../src/lowering/residency.ts";
import { mapPlacement } from "../../src/mapping/map.ts";
import type { Arch } from "../../src/model/arch.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import { allAnalog, loadArch, loadWorkload, placementOf } from "../evaluate/load.ts";
import { type FlatGraph, lowered, sumOf, takingTurns } from "./lowered.ts";

const full = loadArch("hetero-pcm");
const model = { ...loadWorkload("tiny-olmoe"), layers: 2 };

/** Attention and LM head take 16 crossbars, an expert 3. */
const chipFor = (experts: number): Arch => ({
  ...full,
  tiles: full.tiles.map((tile) => ({
    ...tile,
    count: 16 + 3 * experts,
    crossbar: { ...tile.crossbar, tiers: 1 },
  })),
});
const shared = (places: number) =>
  lowered(chipFor(places), model, allAnalog(model), takingTurns(24), "reprogram");

describe("residency", () => {
  test("is that of a least-recently-used cache, and no two experts share a crossbar", () => {
    const mapped = mapPlacement(chipFor(5), weightMatrices(model), allAnalog(model), "reprogram");
    if (!mapped.feasible) throw new Error(mapped.reason);
    const experts = mapped.mapping.slots!.experts;
    fc.assert(
      fc.property(fc.array(fc.nat(11), { maxLength: 60 }), (uses) => {
        const residency = createResidency(mapped.mapping);
        const cache = [0, 1, 2, 3, 4];
        let misses = 0;
        for (const use of uses) {
          const { layer, expert, blockBegin } = experts[use]!;
          const wasThere = cache.includes(use);
          if (!wasThere) misses++;
          cache.splice(wasThere ? cache.indexOf(use) : 0, 1);
          cache.push(use);
          expect(residency.bringIn(layer, expert).written).toBe(!wasThere);
          expect(residency.tile[blockBegin]).toBeGreaterThanOrEqual(0);
          const resident = experts.filter((e) => residency.tile[e.blockBegin]! >= 0);
          expect(resident).toHaveLength(5);
          const places = resident.flatMap((e) => [
            ...residency.tile.subarray(e.blockBegin, e.blockEnd),
          ]);
          expect(new Set(places).size).toBe(15);
        }
        expect(residency.writes.reduce((a, b) => a + b, 0)).toBe(misses);
      }),
    );
  });
});

/** Ops on a tile, in the order of the graph, with what reaches what. */
function order(graph: FlatGraph, from: number): Uint8Array {
  const reached = new Uint8Array(graph.opCount);
  reached[from] = 1;
  for (let op = from; op < graph.opCount; op++)
    if (reached[op] === 1) for (const next of graph.successors[op]!) reached[next] = 1;
  return reached;
}

describe("programming", () => {
  test("enough places for all: nothing is written and the graph is that of plain mapping", () => {
    const plain = lowered(chipFor(48), model, allAnalog(model), takingTurns(24));
    const places = shared(48);
    const group = prefillGroup(1, 5);
    expect(places.mapping.slots).toBeNull();
    expect(places.lowering.graph(group)).toEqual(plain.lowering.graph(group));
  });

  test("every absent expert is written, 3 crossbars a time, and the next group finds it there", () => {
    const { lowering } = shared(20);
    const programs = (graph: FlatGraph) => sumOf(graph, lowering.ops, "program", () => 1);
    // experts 0..19 of layer 0 are there; layer 0 asks for 0..3, layer 1 for 0..3
    const first = lowering.graph(decodeGroup(1, 0, 0));
    expect(programs(first)).toBe(3 * 4);
    const again = lowering.graph({ ...decodeGroup(1, 0, 0) });
    expect(programs(again)).toBe(0);
    expect(lowering.slotWrites.reduce((a, b) => a + b, 0)).toBe(4);
  });

  test("reads before a write are done before it, reads after it wait for it", () => {
    const { lowering } = shared(3);
    const graph = lowering.graph(prefillGroup(1, 3));
    const kindOf = (op: number) => lowering.ops[graph.opClass[op]!]!.kind;
    let writes = 0;
    for (let op = 0; op < graph.opCount; op++) {
      if (kindOf(op) !== "program") continue;
      writes++;
      const reached = order(graph, op);
      for (let other = 0; other < graph.opCount; other++) {
        const isSameTile = graph.resource[other] === graph.resource[op] && other !== op;
        if (!isSameTile) continue;
        if (other > op) expect(reached[other]).toBe(1);
        else expect(order(graph, other)[op]).toBe(1);
      }
    }
    // 2 layers x 3 tokens x 4 experts, none of which finds itself in 3 places; 3 are there at first
    expect(writes).toBe(3 * (24 - 3));
  });

  test("experts that are only partly analog are written in their analog part", () => {
    const placement = placementOf(model, ({ module, part }) =>
      module === "expert" && part === "up" ? "digital" : "analog",
    );
    const mixed = lowered(chipFor(1), model, placement, takingTurns(24), "reprogram");
    expect(mixed.mapping.slots).toMatchObject({ slotCount: 1, crossbarsPerSlot: 2 });
    const graph = mixed.lowering.graph(decodeGroup(1, 0, 0));
    expect(sumOf(graph, mixed.lowering.ops, "program", () => 1)).toBe(2 * (8 - 1));
  });
});

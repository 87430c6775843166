import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTopology } from "../../src/interconnect/index.ts";
import { cutOff } from "../../src/interconnect/table-routing.ts";
import { areNeighbours, type Interconnect, routerCount } from "../../src/model/interconnect.ts";
import { anyNetwork, common, connects, distancesFrom, pairsOf } from "./networks.ts";

const GRIDS = ["mesh", "torus", "concentrated-mesh"] as const;
const BREAKABLE = [...GRIDS, "ring"] as const;

/** A network of that kind, some of whose links are dead. */
const anyDamage = (kind: (typeof BREAKABLE)[number]) =>
  fc
    .tuple(anyNetwork(kind), fc.array(fc.nat({ max: 1e6 }), { maxLength: 8 }))
    .map(([whole, picks]) => {
      const routers = routerCount(whole);
      const pairs = Array.from({ length: routers * routers }, (_, i) => [
        Math.floor(i / routers),
        i % routers,
      ]).filter(([a, b]) => areNeighbours(whole, a!, b!));
      const dead_links = pairs.length === 0 ? [] : picks.map((pick) => pairs[pick % pairs.length]!);
      return { whole, damaged: { ...whole, dead_links } as Interconnect };
    });

describe.each(BREAKABLE)("%s with dead links", (kind) => {
  test("routes avoid them and are shortest ways of what is left; what is left out is named", () => {
    fc.assert(
      fc.property(anyDamage(kind), ({ whole, damaged }) => {
        const network = createTopology(damaged);
        const broken = new Set(
          "dead_links" in damaged
            ? damaged.dead_links!.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`])
            : [],
        );
        const firstRouter = kind === "concentrated-mesh" ? network.nodes : 0;
        const all = [...Array(network.nodes).keys()];
        const distance = all.map((from) => distancesFrom(network, from));
        for (const from of all)
          expect(cutOff(network, from, all)).toEqual(
            all.filter((to) => distance[from]![to] === Infinity),
          );
        for (const [from, to] of pairsOf(network)) {
          if (distance[from]![to] === Infinity) {
            expect(() => network.route(from, to)).toThrow("no way is left");
            continue;
          }
          const route = network.route(from, to);
          expect(connects(network, from, to)).toBe(true);
          expect(route).toHaveLength(distance[from]![to]!);
          for (const link of route) {
            const ends = createTopology(whole)
              .linkEnds(link)!
              .map((v) => v - firstRouter);
            expect(broken.has(ends.join(" "))).toBe(false);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

test.each(GRIDS)("%s: the table of a whole network is x before y", (kind) => {
  fc.assert(
    fc.property(anyNetwork(kind), (interconnect) => {
      const byTable = createTopology({ ...interconnect, routing: "table" } as Interconnect);
      const plain = createTopology(interconnect);
      for (const [from, to] of pairsOf(plain))
        expect(byTable.route(from, to)).toEqual(plain.route(from, to));
    }),
    { numRuns: 20 },
  );
});

test("around one dead link of a 3 x 3 mesh a message makes two hops more", () => {
  const network = createTopology({
    kind: "mesh",
    cols: 3,
    rows: 3,
    dead_links: [[0, 1]],
    ...common,
  });
  expect(network.route(0, 2)).toHaveLength(4);
  expect(network.route(1, 0)).toHaveLength(3);
  expect(network.route(3, 5)).toHaveLength(2);
});

test("neighbours are what links join", () => {
  fc.assert(
    fc.property(fc.constantFrom(...BREAKABLE).chain(anyNetwork), (interconnect) => {
      const network = createTopology(interconnect);
      const routers = routerCount(interconnect);
      const first = network.vertices - routers;
      const joined = new Set<string>();
      for (let link = 0; link < network.links; link++) {
        const [a, b] = network.linkEnds(link)?.map((v) => v - first) ?? [-1, -1];
        if (a! >= 0 && b! >= 0) joined.add(`${a} ${b}`);
      }
      for (let a = 0; a < routers; a++)
        for (let b = 0; b < routers; b++)
          expect(areNeighbours(interconnect, a, b)).toBe(joined.has(`${a} ${b}`));
    }),
  );
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTopology } from "../../src/interconnect/index.ts";
import { withPorts } from "../../src/interconnect/ports.ts";
import { createRouteTable } from "../../src/interconnect/route-table.ts";
import { createMesh } from "../../src/interconnect/topologies/mesh.ts";
import { createTorus } from "../../src/interconnect/topologies/torus.ts";
import type { Topology } from "../../src/interconnect/topology.ts";
import { type Interconnect, nodeCount, routerCount } from "../../src/model/interconnect.ts";
import { createLinks } from "../../src/timing/links.ts";
import {
  anyNetwork,
  anySize,
  anyTopology,
  common,
  connects,
  distancesFrom,
  hasLinkOrder,
  KINDS,
  pairsOf,
} from "./networks.ts";

const NETWORKS = { mesh: createMesh, torus: createTorus };

describe.each(KINDS)("%s", (kind) => {
  const laws = (check: (network: Topology) => void): void =>
    fc.assert(
      fc.property(anyNetwork(kind), (interconnect) => check(createTopology(interconnect))),
      { numRuns: 30 },
    );

  test("routes lead from node to node, over no link twice, and nowhere when both are one", () => {
    laws((network) => {
      for (const [from, to] of pairsOf(network)) {
        const route = network.route(from, to);
        expect(connects(network, from, to)).toBe(true);
        expect(new Set(route).size).toBe(route.length);
        expect(route.every((link) => link >= 0 && link < network.links)).toBe(true);
        if (from === to) expect(route).toEqual([]);
      }
    });
  });

  test("every pair is connected, by a shortest way: breadth-first search finds none shorter", () => {
    laws((network) => {
      for (let from = 0; from < network.nodes; from++) {
        const found = distancesFrom(network, from);
        expect(found.map((_, to) => network.route(from, to).length)).toEqual(found);
      }
    });
  });

  test("back is as far as there", () => {
    laws((network) => {
      for (const [from, to] of pairsOf(network))
        expect(network.route(to, from)).toHaveLength(network.route(from, to).length);
    });
  });

  test("links join vertices that exist, and the file's count of nodes is right", () => {
    fc.assert(
      fc.property(anyNetwork(kind), (interconnect) => {
        const network = createTopology(interconnect);
        expect(network.nodes).toBe(nodeCount(interconnect));
        for (let link = 0; link < network.links; link++)
          for (const vertex of network.linkEnds(link) ?? []) {
            expect(vertex).toBeGreaterThanOrEqual(0);
            expect(vertex).toBeLessThan(network.vertices);
          }
      }),
      { numRuns: 30 },
    );
  });
});

test.each(["mesh", "torus"] as const)("%s: x comes before y", (kind) => {
  const network = NETWORKS[kind]({ cols: 5, rows: 4 });
  for (const [from, to] of pairsOf(network)) {
    const directions = network.route(from, to).map((link) => link & 3);
    expect(directions).toEqual(directions.toSorted((a, b) => (a >> 1) - (b >> 1)));
  }
});

test("a route over a mesh is as long as the Manhattan distance", () => {
  fc.assert(
    fc.property(anySize, ({ cols, rows }) => {
      const mesh = createMesh({ cols, rows });
      for (const [from, to] of pairsOf(mesh)) {
        const dx = Math.abs((from % cols) - (to % cols));
        const dy = Math.abs(Math.floor(from / cols) - Math.floor(to / cols));
        expect(mesh.route(from, to)).toHaveLength(dx + dy);
      }
    }),
    { numRuns: 30 },
  );
});

test("a route over a torus is as long as the two shorter ways round", () => {
  const [cols, rows] = [6, 5];
  const torus = createTorus({ cols, rows });
  const around = (a: number, b: number, size: number): number =>
    Math.min(Math.abs(a - b), size - Math.abs(a - b));
  for (const [from, to] of pairsOf(torus)) {
    const x = around(from % cols, to % cols, cols);
    const y = around(Math.floor(from / cols), Math.floor(to / cols), rows);
    expect(torus.route(from, to)).toHaveLength(x + y);
  }
});

test.each([
  // Dally and Towles, ch. 3: (k - 1/k) / 3 per dimension of a mesh, k / 4 per ring of even size.
  ["mesh", 8, 2 * ((8 - 1 / 8) / 3)],
  ["mesh", 4, 2.5],
  ["torus", 8, 4],
] as const)("%s of %d x %d: mean distance of uniform traffic", (name, k, expected) => {
  const network = NETWORKS[name]({ cols: k, rows: k });
  const hops = pairsOf(network).map(([from, to]) => network.route(from, to).length);
  expect(hops.reduce((sum, h) => sum + h, 0) / hops.length).toBeCloseTo(expected, 12);
});

test.each([
  ["mesh", true],
  ["concentrated-mesh", true],
  ["tree", true],
  ["crossbar", true],
  ["bus", true],
  ["torus", false],
  ["ring", false],
] as const)("%s: messages can never wait for one another in a ring: %s", (kind, isFree) => {
  const network = createTopology({
    kind,
    cols: 5,
    rows: 4,
    nodes: 20,
    arity: 3,
    concentration: 2,
    ...common,
  } as Interconnect);
  expect(hasLinkOrder(network)).toBe(isFree);
  if (isFree) expect(hasLinkOrder(withPorts(network))).toBe(true);
});

test.each([
  // Two ring steps; switches of three levels; |dx| + |dy| + 1 routers; one switch; one medium.
  ["ring", { nodes: 9 }, 0, 7, 2, 9],
  ["tree", { nodes: 16, arity: 4 }, 0, 15, 3, 5],
  ["tree", { nodes: 16, arity: 4 }, 0, 3, 1, 5],
  ["tree", { nodes: 9, arity: 2 }, 0, 8, 7, 11],
  ["concentrated-mesh", { cols: 4, rows: 4, concentration: 4 }, 0, 63, 7, 16],
  ["concentrated-mesh", { cols: 4, rows: 4, concentration: 4 }, 0, 3, 1, 16],
  ["crossbar", { nodes: 9 }, 0, 8, 1, 1],
  ["bus", { nodes: 9 }, 0, 8, 1, 1],
] as const)(
  "%s %j: from %d to %d are %d hops; %d routers",
  (kind, own, from, to, hops, routers) => {
    const interconnect = { kind, ...own, ...common } as Interconnect;
    expect(createTopology(interconnect).route(from, to)).toHaveLength(hops);
    expect(routerCount(interconnect)).toBe(routers);
  },
);

test("messages over a bus share its one link; over a crossbar only those to one node share any", () => {
  const bus = createTopology({ kind: "bus", nodes: 6, ...common });
  const crossbar = createTopology({ kind: "crossbar", nodes: 6, ...common });
  for (const [from, to] of pairsOf(bus).filter(([a, b]) => a !== b)) {
    expect(bus.route(from, to)).toEqual(bus.route(5, 0));
    for (const [a, b] of pairsOf(bus).filter(([x, y]) => x !== y))
      expect(crossbar.route(from, to)[0] === crossbar.route(a, b)[0]).toBe(to === b);
  }
});

test("with ports a message is injected, routed and ejected, also within a node", () => {
  const mesh = createMesh({ cols: 3, rows: 3 });
  const network = withPorts(mesh);
  for (const [from, to] of pairsOf(network)) {
    expect(connects(network, from, to)).toBe(true);
    expect(network.route(from, to).slice(1, -1)).toEqual(mesh.route(from, to));
  }
  const ports = pairsOf(network).flatMap(([from, to]) => {
    const route = network.route(from, to);
    return [route[0]!, route.at(-1)!];
  });
  expect(new Set(ports).size).toBe(2 * mesh.nodes);
  expect(Math.min(...ports)).toBe(mesh.links);
  expect(Math.max(...ports)).toBe(network.links - 1);
});

test("the route table holds each pair once, however often it is asked", () => {
  const mesh = createMesh({ cols: 4, rows: 4 });
  const routes = createRouteTable(mesh, 700);
  fc.assert(
    fc.property(fc.nat({ max: 15 }), fc.nat({ max: 15 }), (from, to) => {
      const route = routes.routeOf(from, to);
      expect(routes.routeOf(from, to)).toBe(route);
      const { begin, links } = routes.table();
      expect([...links.slice(begin[route], begin[route + 1])]).toEqual(mesh.route(from, to));
      expect(routes.hopsOf(route)).toBe(mesh.route(from, to).length);
    }),
  );
  expect(new Set(routes.table().hop_ps)).toEqual(new Set([700]));
});

describe("a tree to several nodes", () => {
  const anyTree = anyTopology.chain((network) =>
    fc.tuple(
      fc.constant(network),
      fc.nat({ max: network.nodes - 1 }),
      fc.uniqueArray(fc.nat({ max: network.nodes - 1 }), { minLength: 1, maxLength: 6 }),
    ),
  );
  const pathTo = (links: readonly number[], parent: readonly number[], at: number): number[] =>
    at < 0 ? [] : [...pathTo(links, parent, parent[at]!), links[at]!];

  test("is the union of the routes to each of them, every link once, with ports or without", () => {
    fc.assert(
      fc.property(anyTree, fc.boolean(), ([plain, from, to], hasPorts) => {
        const network = hasPorts ? withPorts(plain) : plain;
        const routes = createRouteTable(network, 1, plain.links);
        const tree = routes.treeOf(from, to);
        expect(routes.treeOf(from, to.toReversed())).toBe(tree);
        const { begin, links, parent } = routes.table();
        const range = [begin[tree]!, begin[tree + 1]!] as const;
        const own = [...links.slice(...range)];
        const parents = [...parent.slice(...range)];
        const union = new Set(to.flatMap((node) => network.route(from, node)));
        expect(own.toSorted()).toEqual([...union].toSorted());
        expect(parents.every((p, i) => p < i)).toBe(true);
        for (const node of to) {
          const route = network.route(from, node);
          const end = own.indexOf(route.at(-1) ?? -1);
          expect(pathTo(own, parents, end)).toEqual(route);
        }
        const inner = new Set(to.flatMap((node) => plain.route(from, node)));
        expect(routes.hopsOf(tree)).toBe(inner.size);
      }),
      { numRuns: 200 },
    );
  });

  test("from the corner of a k x k mesh to all nodes has k k - 1 links, unicast (k - 1) k k", () => {
    for (const k of [2, 3, 5]) {
      const routes = createRouteTable(createMesh({ cols: k, rows: k }), 1);
      const all = [...Array(k * k).keys()];
      expect(routes.hopsOf(routes.treeOf(0, all))).toBe(k * k - 1);
      const each = all.reduce((sum, to) => sum + routes.hopsOf(routes.routeOf(0, to)), 0);
      expect(each).toBe((k - 1) * k * k);
    }
  });

  test("without destinations has no links", () => {
    const routes = createRouteTable(withPorts(createMesh({ cols: 2, rows: 2 })), 1);
    expect(routes.hopsOf(routes.treeOf(1, []))).toBe(0);
    expect([...routes.table().begin]).toEqual([0, 0]);
  });
});

describe("a reduction", () => {
  const anySenders = anyTopology.chain((network) =>
    fc.tuple(
      fc.constant(network),
      fc.nat({ max: network.nodes - 1 }),
      fc.uniqueArray(fc.nat({ max: network.nodes - 1 }), { minLength: 1, maxLength: 6 }),
    ),
  );

  test("is the union of the routes to its receiver, every link once, each before the next", () => {
    fc.assert(
      fc.property(anySenders, ([network, to, from]) => {
        const routes = createRouteTable(withPorts(network), 1, network.links);
        const number = routes.reductionOf(to, from);
        expect(routes.reductionOf(to, from.toReversed())).toBe(number);
        const { begin, links, parent } = routes.table();
        const own = [...links.slice(begin[number], begin[number + 1])];
        const next = [...parent.slice(begin[number], begin[number + 1])];
        const ported = withPorts(network);
        expect(own.toSorted()).toEqual(
          [...new Set(from.flatMap((node) => ported.route(node, to)))].toSorted(),
        );
        if (from.length === 1) return;
        expect(next.every((n, i) => n === -1 || n > i)).toBe(true);
        for (const node of from) {
          const way: number[] = [];
          for (let i = own.indexOf(ported.route(node, to)[0]!); i >= 0; i = next[i]!)
            way.push(own[i]!);
          expect(way).toEqual(ported.route(node, to));
        }
        expect(routes.hopsOf(number)).toBe(
          new Set(from.flatMap((node) => network.route(node, to))).size,
        );
      }),
      { numRuns: 200 },
    );
  });

  test("is a mirrored multicast: as many links where ways back are ways there, and as long alone", () => {
    // Ways there and back use the same links of these, in opposite directions.
    for (const kind of ["tree", "ring", "crossbar", "bus"] as const)
      fc.assert(
        fc.property(
          anyNetwork(kind),
          fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
          (i, picks) => {
            const network = createTopology(
              kind === "ring" ? ({ ...i, nodes: 9 } as Interconnect) : i,
            );
            const nodes = [...new Set(picks.map((pick) => pick % network.nodes))].filter(
              (n) => n > 0,
            );
            if (nodes.length === 0) return;
            const routes = createRouteTable(network, 1);
            const there = routes.hopsOf(routes.treeOf(0, nodes));
            const back = routes.hopsOf(routes.reductionOf(0, nodes));
            // The last switch of a crossbar or tree has one output per receiver; inputs are ports.
            if (kind === "ring" || kind === "bus") expect(back).toBe(there);
            else expect(back).toBe(there - nodes.length + 1);
          },
        ),
        { numRuns: 30 },
      );
  });
});

test.each(KINDS)("%s: a reduction alone takes as long as the longest of its routes", (kind) => {
  fc.assert(
    fc.property(
      anyNetwork(kind).map(createTopology),
      fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
      (network, picks) => {
        const ported = withPorts(network);
        const from = [...new Set(picks.map((pick) => pick % network.nodes))];
        const routes = createRouteTable(ported, 3);
        const reduction = routes.reductionOf(0, from);
        const end_ps = createLinks(routes.table()).reserve(reduction, 100, 7);
        const longest = Math.max(...from.map((node) => ported.route(node, 0).length));
        expect(end_ps).toBe(100 + 3 * longest + 7);
      },
    ),
    { numRuns: 50 },
  );
});

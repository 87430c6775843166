import { deadLinks, type Interconnect } from "../model/interconnect.ts";
import { linksBetween, withTable } from "./table-routing.ts";
import { createBus } from "./topologies/bus.ts";
import { createConcentratedMesh } from "./topologies/concentrated-mesh.ts";
import { createCrossbar } from "./topologies/crossbar.ts";
import { createMesh } from "./topologies/mesh.ts";
import { createRing } from "./topologies/ring.ts";
import { createTorus } from "./topologies/torus.ts";
import { createTree } from "./topologies/tree.ts";
import type { Topology } from "./topology.ts";

interface TopologyKind<I> {
  readonly summary: string;
  readonly create: (interconnect: I) => Topology;
}

/** Every topology. The key is its `kind` in arch files. */
export const topologies = {
  mesh: {
    summary: "routers in a grid, x before y",
    create: createMesh,
  },
  torus: {
    summary: "a mesh whose rows and columns are rings",
    create: createTorus,
  },
  "concentrated-mesh": {
    summary: "a mesh with several nodes at each router",
    create: createConcentratedMesh,
  },
  ring: {
    summary: "nodes in a ring, both ways round",
    create: createRing,
  },
  tree: {
    summary: "switches in a tree, nodes at its leaves",
    create: createTree,
  },
  crossbar: {
    summary: "one switch, one hop between any two nodes",
    create: createCrossbar,
  },
  bus: {
    summary: "one medium that all nodes share",
    create: createBus,
  },
} as const satisfies {
  [K in Interconnect["kind"]]: TopologyKind<Extract<Interconnect, { kind: K }>>;
};

/** The network of a chip, without ports. */
export function createTopology(interconnect: Interconnect): Topology {
  const { create } = topologies[interconnect.kind];
  const whole = (create as (chip: Interconnect) => Topology)(interconnect);
  const dead = deadLinks(interconnect);
  const isTable = "routing" in interconnect && interconnect.routing === "table";
  if (dead.length === 0 && !isTable) return whole;
  // Routers are the nodes themselves, or the switches that follow the nodes.
  const firstRouter = interconnect.kind === "concentrated-mesh" ? whole.nodes : 0;
  const pairs = dead.map((pair) => pair.map((router) => firstRouter + router));
  return withTable(whole, linksBetween(whole, pairs));
}

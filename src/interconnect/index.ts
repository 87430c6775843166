import type { Interconnect } from "../model/arch.ts";
import { createMesh } from "./topologies/mesh.ts";
import { createTorus } from "./topologies/torus.ts";
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
    summary: "a mesh whose rows and columns are rings; one row of it is a ring",
    create: createTorus,
  },
} as const satisfies {
  [K in Interconnect["kind"]]: TopologyKind<Extract<Interconnect, { kind: K }>>;
};

/** The network of a chip, without ports. */
export function createTopology(interconnect: Interconnect): Topology {
  return topologies[interconnect.kind].create(interconnect);
}

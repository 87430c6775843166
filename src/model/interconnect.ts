/** The network of a chip, as `arch/1` files describe it. */
import { type Static, type TProperties, Type } from "typebox";
import { count, countOrZero, nonNegative, oneOfKinds, positive, sourced } from "./schema.ts";

/** What every network has. */
const shared = {
  tiles_per_node: count("Tiles that share one node", 4096),
  hub_nodes: Type.Array(countOrZero("Node number"), {
    minItems: 1,
    uniqueItems: true,
    description: "Nodes that hold digital cores and memory controllers, and no tile",
  }),
  link_GBps: positive("Bytes per nanosecond of one link in one direction"),
  hop_ns: nonNegative("Router and link, head of a message"),
  hop_pJ_per_B: nonNegative("Energy of one byte over one router and link"),
  area_um2: nonNegative("Silicon area of one router, switch or bus", 1e12),
  static_mW: nonNegative("Power of one router, switch or bus, working or not", 1e9),
};

/** Adders in the routers; a bus has no place for them. */
const reduction = Type.Optional(
  sourced({
    add_pJ: nonNegative("Energy of one addition of two results on their way through a router"),
  }),
);

const dead_links = Type.Optional(
  Type.Array(Type.Array(countOrZero("Router number"), { minItems: 2, maxItems: 2 }), {
    description: "Pairs of neighbouring routers whose link is broken, in both directions",
  }),
);

const grid = {
  cols: count("Routers along x", 4096),
  rows: count("Routers along y; numbers are row-major", 4096),
  routing: Type.Optional(
    Type.Enum(["xy", "table"], {
      description:
        "x before y, or the shortest way that is left by a table; default: xy, with dead links table",
    }),
  ),
  dead_links,
};

/** Routers clock by clock, in place of messages that reserve links. */
const flits = Type.Optional(
  sourced({
    clock_GHz: positive(
      "Clock of the routers; a link takes a flit of link_GBps / clock a cycle",
      100,
    ),
    virtual_channels: count("Lanes of the buffer behind each link", 64),
    buffer_flits: count("Flits of a lane; messages travel in packets of at most that many", 256),
  }),
);

const network = <K extends string, T extends TProperties>(kind: K, own: T) =>
  sourced({ kind: Type.Literal(kind), ...own, ...shared });
const routed = <K extends string, T extends TProperties>(kind: K, own: T) =>
  network(kind, { ...own, reduction });
const acyclic = <K extends string, T extends TProperties>(kind: K, own: T) =>
  routed(kind, { ...own, flits });

const nodes = (maximum: number) => count("Nodes", maximum);

export const InterconnectSchema = oneOfKinds(
  acyclic("mesh", grid),
  routed("torus", grid),
  acyclic("concentrated-mesh", {
    ...grid,
    concentration: count("Nodes at one router, each with ports of its own", 64),
  }),
  routed("ring", { nodes: nodes(4096), dead_links }),
  acyclic("tree", {
    nodes: nodes(65536),
    arity: Type.Integer({
      minimum: 2,
      maximum: 64,
      description: "Branches of a switch; nodes are at the lowest switches",
    }),
  }),
  acyclic("crossbar", { nodes: nodes(4096) }),
  network("bus", { nodes: nodes(4096) }),
);
export type Interconnect = Static<typeof InterconnectSchema>;

/** What says how many nodes there are. */
export type NetworkSize =
  | { readonly kind: "mesh" | "torus"; readonly cols: number; readonly rows: number }
  | Pick<
      Extract<Interconnect, { kind: "concentrated-mesh" }>,
      "kind" | "cols" | "rows" | "concentration"
    >
  | { readonly kind: "ring" | "tree" | "crossbar" | "bus"; readonly nodes: number };

/** Places for tiles and hubs. */
export function nodeCount(interconnect: NetworkSize): number {
  switch (interconnect.kind) {
    case "mesh":
    case "torus":
      return interconnect.cols * interconnect.rows;
    case "concentrated-mesh":
      return interconnect.cols * interconnect.rows * interconnect.concentration;
    default:
      return interconnect.nodes;
  }
}

/** Routers, switches or buses: what area and static power are given for. */
export function routerCount(interconnect: Interconnect): number {
  switch (interconnect.kind) {
    case "bus":
    case "crossbar":
      return 1;
    case "tree":
      return treeLevels(interconnect).reduce((sum, switches) => sum + switches, 0);
    case "ring":
      return interconnect.nodes;
    default:
      return interconnect.cols * interconnect.rows;
  }
}

/** Switches of each level of a tree, from the lowest to the root. */
export function treeLevels(tree: { readonly nodes: number; readonly arity: number }): number[] {
  const levels = [Math.ceil(tree.nodes / tree.arity)];
  while (levels.at(-1)! > 1) levels.push(Math.ceil(levels.at(-1)! / tree.arity));
  return levels;
}

/** The same kind of network with that many times the nodes. */
export function withMoreNodes(interconnect: Interconnect, times: number): Interconnect {
  return "rows" in interconnect
    ? { ...interconnect, rows: interconnect.rows * times }
    : { ...interconnect, nodes: interconnect.nodes * times };
}

/** Energy of adding two results in a router; null where routers cannot add. */
export function routerAdd_pJ(interconnect: Interconnect): number | null {
  return "reduction" in interconnect ? (interconnect.reduction?.add_pJ ?? null) : null;
}

/** Routers that work flit by flit, if they do. */
export function flitRouters(interconnect: Interconnect) {
  return "flits" in interconnect ? (interconnect.flits ?? null) : null;
}

/** Broken links: pairs of neighbouring routers. */
export function deadLinks(interconnect: Interconnect): readonly (readonly number[])[] {
  return "dead_links" in interconnect ? (interconnect.dead_links ?? []) : [];
}

/** Does a link join the two routers? For networks whose links can be dead. */
export function areNeighbours(interconnect: Interconnect, a: number, b: number): boolean {
  const [cols, rows] =
    "rows" in interconnect ? [interconnect.cols, interconnect.rows] : [nodeCount(interconnect), 1];
  const wraps = interconnect.kind === "torus" || interconnect.kind === "ring";
  if (a === b || Math.max(a, b) >= cols * rows) return false;
  const dx = Math.abs((a % cols) - (b % cols));
  const dy = Math.abs(Math.floor(a / cols) - Math.floor(b / cols));
  const isStep = (d: number, size: number): boolean => d === 1 || (wraps && d === size - 1);
  return dx === 0 ? isStep(dy, rows) : dy === 0 && isStep(dx, cols);
}

/** Columns and rows to draw the nodes in, row by row; of a network that is no grid, a square. */
export function drawnGrid(interconnect: Interconnect): {
  readonly cols: number;
  readonly rows: number;
} {
  const nodes = nodeCount(interconnect);
  const cols = "rows" in interconnect ? nodes / interconnect.rows : Math.ceil(Math.sqrt(nodes));
  return { cols, rows: Math.ceil(nodes / cols) };
}

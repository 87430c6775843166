/** Rows of the table: what a piece of work adds to energy and busy time, and how long it takes. */
import type { Graph } from "../lowering/graph.ts";
import { tallyGraph } from "../lowering/tally.ts";
import { longestChain_ps } from "../timing/bounds.ts";
import type { Machine } from "./machine.ts";
import { timedGraph } from "./schedule.ts";

/** What the numbers of a row mean: energies, then busy times, then one latency. */
export interface Columns {
  /** Components of the chip, as in breakdowns. */
  readonly components: readonly string[];
  /** Kinds of resources; tiles of a kind are one pool. */
  readonly pools: readonly Pool[];
  /** Components, pools and one. */
  readonly width: number;
}

interface Pool {
  readonly name: string;
  readonly servers: number;
}

export interface RowPricer {
  readonly columns: () => Columns;
  /** Prices a graph; its latency is that of its longest chain, messages left out. */
  readonly row: (machine: Machine, graph: Graph) => PricedRow;
}

/** Entries by component and by pool; lists grow as components are met. */
export interface PricedRow {
  readonly energy_pJ: readonly number[];
  readonly busy_ps: readonly number[];
  readonly latency_ps: number;
}

/** @param pools of every chip that is priced: cores, memories, kinds of tiles and of their units */
export function createRowPricer(pools: readonly Pool[]): RowPricer {
  const components: string[] = [];
  const numberOf = new Map<string, number>();
  const componentOf = (name: string): number => {
    const known = numberOf.get(name) ?? components.push(name) - 1;
    numberOf.set(name, known);
    return known;
  };
  return {
    columns: () => ({ components, pools, width: components.length + pools.length + 1 }),
    row: (machine, graph) => {
      const { lowering, routes, list, prices } = machine;
      const energy_pJ: number[] = [];
      const busy_ps = pools.map(() => 0);
      const { opClass, resource, count } = tallyGraph(graph);
      for (let s = 0; s < count.length; s++) {
        if (count[s] === 0) continue;
        const op = lowering.ops[opClass[s]!]!;
        const r = resource[s]!;
        const price = prices.price(opClass[s]!);
        const charges =
          op.kind === "message" ? [list.messageCharge(op.bytes, routes.hopsOf(~r))] : price.charges;
        for (const charge of charges) {
          const at = componentOf(charge.component);
          energy_pJ[at] = (energy_pJ[at] ?? 0) + count[s]! * charge.energy_pJ;
        }
        if (r >= 0) busy_ps[poolOf(machine, r)]! += count[s]! * price.duration_ps;
      }
      return { energy_pJ, busy_ps, latency_ps: chainOf(machine, graph) };
    },
  };
}

/** Messages are left out: which tiles are neighbours, and share a node, depends on the placement. */
function chainOf({ lowering, routes, prices }: Machine, graph: Graph): number {
  const timed = timedGraph(graph, lowering.resources, routes.table(), prices);
  const { resource } = timed.steps;
  const unlessMessage = (times: Float64Array): Float64Array =>
    times.map((time_ps, s) => (resource[s]! < 0 ? 0 : time_ps));
  const steps = {
    ...timed.steps,
    duration_ps: unlessMessage(timed.steps.duration_ps),
    tail_ps: unlessMessage(timed.steps.tail_ps),
  };
  const hop_ps = new Float64Array(timed.routes.linkCount);
  return longestChain_ps({ ...timed, steps, routes: { ...timed.routes, hop_ps } });
}

/** Cores, memories, then each kind of tile and its local units. */
export function poolsOf(arch: {
  readonly cores: readonly { readonly name: string; readonly count: number }[];
  readonly memories: readonly { readonly name: string }[];
  readonly tiles: readonly { readonly name: string; readonly count: number }[];
}): Pool[] {
  return [
    ...arch.cores.map(({ name, count }) => ({ name, servers: count })),
    ...arch.memories.map(({ name }) => ({ name, servers: 1 })),
    ...arch.tiles.flatMap(({ name, count }) => [
      { name: `${name} crossbar`, servers: count },
      { name: `${name} local unit`, servers: count },
    ]),
  ];
}

function poolOf({ lowering, arch }: Machine, resource: number): number {
  const { group, kind } = lowering.resources[resource]!;
  const tiles = arch.cores.length + arch.memories.length + 2 * kind;
  switch (group) {
    case "core":
      return kind;
    case "memory":
      return arch.cores.length + kind;
    case "tile":
      return tiles;
    case "local-unit":
      return tiles + 1;
  }
}

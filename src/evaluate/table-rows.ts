/** Rows of the table: how often a piece of work does what, before any price. */
import type { Graph } from "../lowering/graph.ts";
import { createOpTable } from "../lowering/op-table.ts";
import { type Tally, tallyGraph } from "../lowering/tally.ts";
import type { Arch } from "../model/arch.ts";
import type { Op } from "../model/op.ts";
import { type Chains, createChains } from "./chains.ts";
import type { Machine } from "./machine.ts";

/** Kinds of resources; tiles of a kind are one pool. */
export interface Pool {
  readonly name: string;
  readonly servers: number;
}

/** What a piece of work does: `times[i]` ops of class `ops[i]` on pool `pools[i]`. */
export interface Row {
  readonly ops: Int32Array;
  /** -1: messages, whose times count hops. */
  readonly pools: Int32Array;
  readonly times: Float64Array;
  readonly opCount: number;
  /** Where each of its graphs begins, see `Chains`; they run one after the other. */
  readonly chains: readonly number[];
}

/** Rows that share a list of ops and chains. Grows with `count`. */
export interface RowSet {
  /** Op class c of rows is ops[c]. */
  readonly ops: readonly Op[];
  readonly chains: Chains;
  readonly rows: readonly Row[];
  /** @returns number of the new row */
  readonly count: (machine: Machine, graph: Graph) => number;
  /** The same for work whose ops and whose chains are those of different graphs. */
  readonly countAll: (machine: Machine, tally: Tally, graphs: readonly Graph[]) => number;
}

export function createRowSet(): RowSet {
  const table = createOpTable();
  const chains = createChains();
  const rows: Row[] = [];
  const countAll: RowSet["countAll"] = (machine, tally, graphs) => {
    const { ops } = machine.lowering;
    const opOf = (opClass: number): number => table.classOf(ops[opClass]!);
    const begins = graphs.map((graph) => chains.fold(graph, opOf));
    return rows.push({ ...countOps(machine, tally, opOf), chains: begins }) - 1;
  };
  return {
    ops: table.ops,
    chains,
    rows,
    count: (machine, graph) => countAll(machine, tallyGraph(graph), [graph]),
    countAll,
  };
}

/** Ops of one class on one pool are one entry. */
function countOps(
  machine: Machine,
  { opClass, resource, count, opCount }: Tally,
  opOf: (opClass: number) => number,
): Omit<Row, "chains"> {
  const pools = poolsOf(machine.arch).length + 1;
  const sums = new Map<number, number>();
  for (let s = 0; s < count.length; s++) {
    if (count[s] === 0) continue;
    const r = resource[s]!;
    const pool = r < 0 ? -1 : poolOf(machine, r);
    const times = count[s]! * (r < 0 ? machine.routes.hopsOf(~r) : 1);
    const key = opOf(opClass[s]!) * pools + pool + 1;
    sums.set(key, (sums.get(key) ?? 0) + times);
  }
  const keys = [...sums.keys()];
  return {
    ops: Int32Array.from(keys, (key) => Math.floor(key / pools)),
    pools: Int32Array.from(keys, (key) => (key % pools) - 1),
    times: Float64Array.from(sums.values()),
    opCount,
  };
}

/** Cores, memories, then each kind of tile and its local units. */
export function poolsOf(arch: Pick<Arch, "cores" | "memories" | "tiles">): Pool[] {
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

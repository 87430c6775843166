import type { Graph } from "../lowering/graph.ts";
import type { Resource } from "../lowering/resources.ts";
import type { Tally } from "../lowering/tally.ts";
import { makespanBounds } from "../timing/bounds.ts";
import type { OpGraph, RouteTable, Totals } from "../timing/graph.ts";
import { simulateTotals } from "../timing/simulate.ts";
import type { ClassPrices } from "./prices.ts";

/** When one token group is done. */
export interface GroupTime {
  readonly makespan_ps: number;
  readonly lower_ps: number;
  readonly upper_ps: number | null;
  /** Server time of each resource. */
  readonly busy_ps: Float64Array;
  /** Summed over links; null where links are not looked at one by one. */
  readonly linkBusy_ps: number | null;
}

/** Level `simulate`: the schedule itself. */
export function simulateGroup(graph: OpGraph): GroupTime {
  return scheduledTime(simulateTotals(graph));
}

/** What a schedule says of the whole group. */
export function scheduledTime({ makespan_ps, busy_ps, linkBusy_ps }: Totals): GroupTime {
  return {
    makespan_ps,
    lower_ps: makespan_ps,
    upper_ps: makespan_ps,
    busy_ps,
    linkBusy_ps: linkBusy_ps.reduce((sum, ps) => sum + ps, 0),
  };
}

/** Level `bounds`: the lower bound stands for the makespan. */
export function boundGroup(graph: OpGraph, busy_ps: Float64Array): GroupTime {
  const { lower_ps, upper_ps } = makespanBounds(graph);
  return { makespan_ps: lower_ps, lower_ps, upper_ps, busy_ps, linkBusy_ps: null };
}

/** Level `table`: no schedule is shorter than the busiest resource is busy. */
export function tableGroup(resources: readonly Resource[], busy_ps: Float64Array): GroupTime {
  let lower_ps = 0;
  resources.forEach(({ servers }, r) => {
    lower_ps = Math.max(lower_ps, Math.ceil(busy_ps[r]! / servers));
  });
  return { makespan_ps: lower_ps, lower_ps, upper_ps: null, busy_ps, linkBusy_ps: null };
}

/** Server time that the ops of a tally take of each resource. [resources] */
export function busyTimes(tally: Tally, resources: number, prices: ClassPrices): Float64Array {
  const busy_ps = new Float64Array(resources);
  for (let i = 0; i < tally.count.length; i++) {
    const resource = tally.resource[i]!;
    if (resource < 0 || tally.count[i] === 0) continue;
    busy_ps[resource]! += tally.count[i]! * prices.duration_ps(tally.opClass[i]!);
  }
  return busy_ps;
}

/** Puts times to the ops of a graph. */
export function timedGraph(
  graph: Graph,
  resources: readonly Resource[],
  routes: RouteTable,
  prices: ClassPrices,
  buffers: Int32Array | undefined = undefined,
): OpGraph {
  const { step, steps, firstEdge, edges } = graph;
  const durationOf = new Float64Array(steps.count);
  const tailOf = new Float64Array(steps.count);
  const { duration_ps, tail_ps } = prices.times();
  for (let s = 0; s < steps.count; s++) {
    durationOf[s] = duration_ps[steps.opClass[s]!]!;
    tailOf[s] = tail_ps[steps.opClass[s]!]!;
  }
  return {
    step,
    steps: { ...steps, duration_ps: durationOf, tail_ps: tailOf },
    servers: Int32Array.from(resources, ({ servers }) => servers),
    ...(buffers !== undefined && { buffers }),
    routes,
    firstEdge,
    edges,
  };
}

/** What happened where: energy of every resource, bytes of every link, energy of every layer. */
import type { Graph } from "../lowering/graph.ts";
import type { Tally } from "../lowering/tally.ts";
import type { Charge, Op } from "../model/op.ts";
import type { Machine } from "./machine.ts";

/** Dynamic energy by component. [layers + 1], entry 0 is embedding and LM head */
export type LayerEnergies = readonly ReadonlyMap<string, number>[];

/** Adds up the groups of a phase. */
export interface UseCount {
  readonly add: (tally: Tally, graph: Graph | null) => void;
  /** Dynamic energy. [resources] */
  readonly resource_pJ: Float64Array;
  /** Bytes carried, by link number, ports included. */
  readonly link_B: () => Float64Array;
  /** Null if a group came without a graph. */
  readonly layers_pJ: () => LayerEnergies | null;
}

export function createUseCount(machine: Machine, layers: number): UseCount {
  const { lowering, prices } = machine;
  const resource_pJ = new Float64Array(lowering.resources.length);
  const route_B = new Map<number, number>();
  const byLayer = createLayerCounts(machine, layers);
  return {
    add: (tally, graph) => {
      for (let i = 0; i < tally.count.length; i++) {
        const count = tally.count[i]!;
        if (count === 0) continue;
        const opClass = tally.opClass[i]!;
        const resource = tally.resource[i]!;
        if (resource >= 0) resource_pJ[resource]! += count * energyOf(prices.price(opClass));
        else {
          const bytes = count * bytesOf(lowering.ops[opClass]!);
          route_B.set(~resource, (route_B.get(~resource) ?? 0) + bytes);
        }
      }
      byLayer.add(graph);
    },
    resource_pJ,
    link_B: () => spread(machine, route_B),
    layers_pJ: byLayer.energies,
  };
}

const energyOf = ({ charges }: { readonly charges: readonly { energy_pJ: number }[] }): number =>
  charges.reduce((sum, { energy_pJ }) => sum + energy_pJ, 0);

const bytesOf = (op: Op): number => (op.kind === "message" ? op.bytes : 0);

/** Every link of a route carries the route's bytes once. */
function spread({ routes }: Machine, route_B: ReadonlyMap<number, number>): Float64Array {
  const { begin, links, linkCount } = routes.table();
  const link_B = new Float64Array(linkCount);
  for (const [route, bytes] of route_B)
    for (let i = begin[route]!; i < begin[route + 1]!; i++) link_B[links[i]!]! += bytes;
  return link_B;
}

/** Times that each op class happened in each layer, and of messages the hops that they made. */
function createLayerCounts({ lowering, routes, prices, list }: Machine, layers: number) {
  const counts = Array.from({ length: layers + 1 }, (): number[] => []);
  const hops = counts.map((): number[] => []);
  let isComplete = true;
  const count = (graph: Graph, layer: number, first: number, end: number): void => {
    const own = counts[layer + 1]!;
    const ownHops = hops[layer + 1]!;
    const { opClass, resource } = graph.steps;
    while (own.length < lowering.ops.length) {
      own.push(0);
      ownHops.push(0);
    }
    for (let op = first; op < end; op++) {
      const step = graph.step[op]!;
      const place = resource[step]!;
      own[opClass[step]!]!++;
      if (place < 0) ownHops[opClass[step]!]! += routes.hopsOf(~place);
    }
  };
  const energies = (own: readonly number[], layer: number): Map<string, number> => {
    const sums = new Map<string, number>();
    const add = ({ component, energy_pJ }: Charge, times: number): void => {
      if (times > 0) sums.set(component, (sums.get(component) ?? 0) + times * energy_pJ);
    };
    own.forEach((times, opClass) => {
      if (times === 0) return;
      const op = lowering.ops[opClass]!;
      for (const charge of prices.price(opClass).charges) add(charge, times);
      if (op.kind === "message") add(list.messageCharge(op.bytes, 1), hops[layer]![opClass]!);
    });
    return sums;
  };
  return {
    add: (graph: Graph | null): void => {
      if (graph === null) isComplete = false;
      else
        graph.origins.begin.forEach((first, run) => {
          const end = graph.origins.begin[run + 1] ?? graph.opCount;
          count(graph, graph.origins.layer[run]!, first, end);
        });
    },
    energies: (): LayerEnergies | null => (isComplete ? counts.map(energies) : null),
  };
}

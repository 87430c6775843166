import { createTopology } from "../../src/interconnect/index.ts";
import { createRouteTable } from "../../src/interconnect/route-table.ts";
import type { TokenGroup } from "../../src/lowering/context.ts";
import { digitalPart } from "../../src/lowering/cores.ts";
import type { Graph } from "../../src/lowering/graph.ts";
import { createLowering } from "../../src/lowering/lower.ts";
import type { ChooseExperts } from "../../src/lowering/routing.ts";
import { mapPlacement } from "../../src/mapping/map.ts";
import type { Arch } from "../../src/model/arch.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import type { Op } from "../../src/model/op.ts";
import type { Placement } from "../../src/model/placement.ts";
import type { Overflow } from "../../src/model/run.ts";
import type { Workload } from "../../src/model/workload.ts";

/** Every token takes the experts 0 .. k-1. */
const firstExperts: ChooseExperts = (_layer, _token, into) => {
  for (let i = 0; i < into.length; i++) into[i] = i;
};

/** Token t takes k consecutive experts, from t * k on. */
export const takingTurns =
  (experts: number): ChooseExperts =>
  (_layer, token, into) => {
    for (let i = 0; i < into.length; i++) into[i] = (token * into.length + i) % experts;
    into.sort();
  };

/** A graph with one entry per op. */
export interface FlatGraph extends Pick<Graph, "opCount" | "step" | "steps"> {
  readonly opClass: Int32Array;
  readonly resource: Int32Array;
  readonly token: Int32Array;
  readonly successors: readonly (readonly number[])[];
}

function flat({ opCount, step, steps, firstEdge, edges, origins }: Graph): FlatGraph {
  const token = new Int32Array(opCount);
  origins.begin.forEach((begin, run) => {
    token.fill(origins.token[run]!, begin, origins.begin[run + 1] ?? opCount);
  });
  const successors = Array.from(step, (s, op) => {
    const ahead = steps.ahead.subarray(steps.aheadBegin[s]!, steps.aheadBegin[s + 1]!);
    const next = Array.from(ahead, (a) => op + a);
    for (let e = firstEdge[op]!; e !== 0; e = edges[2 * e + 1]!) next.push(edges[2 * e]!);
    return next;
  });
  return {
    opCount,
    step,
    steps,
    opClass: step.map((s) => steps.opClass[s]!),
    resource: step.map((s) => steps.resource[s]!),
    token,
    successors,
  };
}

/** A lowering whose graphs are flat, with its mapping and routes. */
export function lowered(
  arch: Arch,
  workload: Workload,
  placement: Placement,
  chooseExperts: ChooseExperts = firstExperts,
  overflow: Overflow = "infeasible",
) {
  const matrices = weightMatrices(workload);
  const mapped = mapPlacement(arch, matrices, placement, overflow);
  if (!mapped.feasible) throw new Error(mapped.reason);
  const digital = digitalPart(arch);
  if ("missing" in digital) throw new Error(digital.missing);
  const routes = createRouteTable(createTopology(arch.interconnect), 1000);
  const lowering = createLowering({
    arch,
    workload,
    matrices,
    placement: mapped.placement,
    mapping: mapped.mapping,
    digital,
    kvMemory: 1,
    routes,
    chooseExperts,
  });
  const graph = (group: TokenGroup): FlatGraph => flat(lowering.graph(group));
  return {
    ...mapped,
    matrices,
    digital,
    routes,
    lowering: { ...lowering, graph, packed: lowering.graph },
  };
}

/** Sum of a quantity over the ops of one kind. */
export function sumOf<K extends Op["kind"]>(
  graph: FlatGraph,
  ops: readonly Op[],
  kind: K,
  value: (op: Extract<Op, { kind: K }>, index: number) => number,
): number {
  let sum = 0;
  for (let i = 0; i < graph.opCount; i++) {
    const op = ops[graph.opClass[i]!]!;
    if (op.kind === kind) sum += value(op as Extract<Op, { kind: K }>, i);
  }
  return sum;
}

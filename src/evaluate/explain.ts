/** Why a phase takes as long as it does, in rows that people can read. */

import { waitsForAdc } from "../cost/price-mvm.ts";
import type { Graph } from "../lowering/graph.ts";
import { runOf } from "../lowering/origins.ts";
import type { CostExplanation, CriticalRow, WaitingRow, WaitReason } from "../model/evaluation.ts";
import type { Op } from "../model/op.ts";
import { criticalPath, forEachWait } from "../timing/explain.ts";
import type { OpGraph, Schedule } from "../timing/graph.ts";
import { nsFromPs } from "../units/convert.ts";
import { componentOf } from "./component-of.ts";
import type { Machine } from "./machine.ts";

type Phase = WaitingRow["phase"];

/** Adds up the groups of a phase. */
export interface Explainer {
  readonly add: (graph: Graph, timed: OpGraph, schedule: Schedule) => void;
  readonly rows: () => CostExplanation;
}

export function createExplainer(machine: Machine, phase: Phase): Explainer {
  const waiting = createSums<Omit<WaitingRow, "waited_ns">>();
  const critical = createSums<Omit<CriticalRow, "time_ns">>();
  return {
    add: (graph, timed, schedule) => {
      const places = describePlaces(machine, graph);
      forEachWait(timed, schedule, ({ op, kind, place, wait_ps, behind }) => {
        const { component, reason } = places.wait(kind, place, op, behind);
        waiting.add({ phase, reason, component }, wait_ps);
      });
      let reason: CriticalRow["reason"] = "result needed";
      for (const step of criticalPath(timed, schedule)) {
        const { layer, work, component } = places.work(step.op);
        critical.add({ phase, layer, work, component, reason }, step.to_ps - step.from_ps);
        const why = step.reason;
        if (why.kind === "resource")
          reason = places.wait("resource", why.resource, step.op, why.op).reason;
        else if (why.kind === "link")
          reason = places.wait("link", why.link, step.op, why.op).reason;
        else reason = "result needed";
      }
    },
    rows: () => ({
      waiting: waiting.rows().map(({ key, time_ps, ops }) => ({
        ...key,
        waited_ns: nsFromPs(time_ps),
        ops,
      })),
      critical: critical.rows().map(({ key, time_ps, ops }) => ({
        ...key,
        time_ns: nsFromPs(time_ps),
        ops,
      })),
    }),
  };
}

/** Times by key, the longest first. */
function createSums<K extends object>() {
  const sums = new Map<string, { key: Omit<K, "ops">; time_ps: number; ops: number }>();
  return {
    add: (key: Omit<K, "ops">, time_ps: number): void => {
      const name = Object.values(key).join("\n");
      const sum = sums.get(name) ?? { key, time_ps: 0, ops: 0 };
      sum.time_ps += time_ps;
      sum.ops++;
      sums.set(name, sum);
    },
    rows: () => [...sums.values()].sort((a, b) => b.time_ps - a.time_ps),
  };
}

/** Names of ops, and of what they wait for. */
function describePlaces(machine: Machine, graph: Graph) {
  const { lowering, routes, arch } = machine;
  const { steps, step } = graph;
  const blockOf = lowering.blocksOfSteps();
  const opOf = (op: number): Op => lowering.ops[steps.opClass[step[op]!]!]!;
  /** Another tier is in the way, or the op before on the same one: its converters, or its read. */
  const tileReason = (op: number, behind: number): WaitReason => {
    const before = opOf(behind);
    if (before.kind === "program") return "crossbar written";
    if (blockOf.get(step[op]!) !== blockOf.get(step[behind]!)) return "tier conflict";
    const isAdc = before.kind === "mvm" && waitsForAdc(arch.tiles[before.tileKind]!, before);
    return isAdc ? "ADC busy" : "tile busy";
  };
  const resourceReason = (resource: number, op: number, behind: number): WaitReason => {
    const { group, kind } = lowering.resources[resource]!;
    switch (group) {
      case "tile":
        return tileReason(op, behind);
      case "local-unit":
        return "local unit busy";
      case "core":
        return "core busy";
      case "memory":
        if (isKv(opOf(behind))) return "KV memory busy";
        return arch.memories[kind]!.kind === "dram" ? "DRAM busy" : "memory busy";
    }
  };
  return {
    wait: (kind: "resource" | "link", place: number, op: number, behind: number) =>
      kind === "link"
        ? {
            component: "interconnect",
            reason: routes.isPort(place) ? ("port busy" as const) : ("link busy" as const),
          }
        : {
            component: componentOf(machine.arch, machine.lowering.resources[place]!),
            reason:
              steps.resource[step[behind]!] === place
                ? resourceReason(place, op, behind)
                : ("output buffer full" as const),
          },
    work: (op: number) => {
      const s = step[op]!;
      const resource = steps.resource[s]!;
      return {
        layer: graph.origins.layer[runOf(graph.origins, op)]!,
        work: workOf(lowering.ops[steps.opClass[s]!]!),
        component:
          resource < 0
            ? "interconnect"
            : componentOf(machine.arch, machine.lowering.resources[resource]!),
      };
    },
  };
}

const isKv = (op: Op): boolean => op.kind === "memory" && op.holds === "kv";

function workOf(op: Op): string {
  switch (op.kind) {
    case "vector":
    case "tile-vector":
      return `${op.kind} ${op.fn}`;
    case "memory":
      return `memory ${op.access}`;
    default:
      return op.kind;
  }
}

import type { TokenGroup } from "../lowering/context.ts";
import type { Graph } from "../lowering/graph.ts";
import { tallyGraph } from "../lowering/tally.ts";
import type { BreakdownRow, CostExplanation, PhaseCost } from "../model/evaluation.ts";
import { simulate } from "../timing/simulate.ts";
import { nsFromPs } from "../units/convert.ts";
import { createAccount } from "./account.ts";
import { createExplainer, type Explainer } from "./explain.ts";
import type { Machine } from "./machine.ts";
import { resultPlaces } from "./result-places.ts";
import {
  boundGroup,
  busyTimes,
  type GroupTime,
  scheduledTime,
  simulateGroup,
  tableGroup,
  timedGraph,
} from "./schedule.ts";
import { createUseCount, type UseCount } from "./use.ts";

/** One phase, whole. */
export interface PhaseResult {
  readonly cost: PhaseCost;
  readonly rows: readonly BreakdownRow[];
  /** Server time of each resource. [resources] */
  readonly busy_ps: Float64Array;
  readonly linkBusy_ps: number | null;
  readonly explanation: CostExplanation;
  /** What happened where; null unless asked for. */
  readonly use: UseCount | null;
}

/**
 * Runs the groups of one phase one after the other: the next begins when the one before is done,
 * since its tokens come out of that one.
 *
 * @param groups made one by one, so that only one group's graph is held at a time
 * @param floor_ps what the phase is known to take at least; of use where nothing is scheduled
 */
export function runPhase(
  machine: Machine,
  phase: BreakdownRow["phase"],
  groups: Iterable<TokenGroup>,
  floor_ps = 0,
): PhaseResult {
  const { lowering, routes, list, prices, standing } = machine;
  const account = createAccount(phase, lowering.ops, prices, list);
  const explainer = createExplainer(machine, phase);
  const use = machine.detailLayers === null ? null : createUseCount(machine, machine.detailLayers);
  const busy_ps = new Float64Array(lowering.resources.length);
  const sum = { groups: 0, tokens: 0, ops: 0, makespan_ps: 0, lower_ps: 0 };
  let upper_ps: number | null = 0;
  let linkBusy_ps: number | null = 0;
  for (const group of groups) {
    const { time, tally, graph } = runGroup(machine, phase, group, explainer);
    account.add(tally, routes.hopsOf);
    use?.add(tally, graph);
    for (let r = 0; r < busy_ps.length; r++) busy_ps[r]! += time.busy_ps[r]!;
    sum.groups++;
    sum.tokens += group.tokens;
    sum.ops += tally.opCount;
    sum.makespan_ps += time.makespan_ps;
    sum.lower_ps += time.lower_ps;
    upper_ps = plus(upper_ps, time.upper_ps);
    linkBusy_ps = plus(linkBusy_ps, time.linkBusy_ps);
  }
  sum.makespan_ps = Math.max(sum.makespan_ps, floor_ps);
  sum.lower_ps = Math.max(sum.lower_ps, floor_ps);
  const duration_ns = nsFromPs(sum.makespan_ps);
  const rows = account.rows(duration_ns, standing);
  const cost: PhaseCost = {
    latency_ns: duration_ns / sum.groups,
    latency_lower_ns: nsFromPs(sum.lower_ps) / sum.groups,
    latency_upper_ns: upper_ps === null ? null : nsFromPs(upper_ps) / sum.groups,
    energy_pJ: rows.reduce((total, row) => total + row.energy_pJ, 0),
    tokens: sum.tokens,
    duration_ns,
    ops: sum.ops,
  };
  return { cost, rows, busy_ps, linkBusy_ps, explanation: explainer.rows(), use };
}

function runGroup(
  machine: Machine,
  phase: BreakdownRow["phase"],
  group: TokenGroup,
  explainer: Explainer,
): {
  readonly time: GroupTime;
  readonly tally: ReturnType<typeof tallyGraph>;
  readonly graph: Graph | null;
} {
  const { lowering, routes, prices, level, explain, watch } = machine;
  const { resources } = lowering;
  if (level === "table") {
    const tally = lowering.tally(group);
    const time = tableGroup(resources, busyTimes(tally, resources.length, prices));
    return { tally, time, graph: null };
  }
  const graph = lowering.graph(group);
  const places = resultPlaces(machine.arch, resources);
  const timed = timedGraph(graph, resources, routes.table(), prices, places);
  const tally = tallyGraph(graph);
  if (level === "simulate" && (explain || watch !== null)) {
    const schedule = simulate(timed);
    if (explain) explainer.add(graph, timed, schedule);
    watch?.({ machine, phase, group, graph, timed, schedule });
    return { tally, time: scheduledTime(schedule), graph };
  }
  const time =
    level === "simulate"
      ? simulateGroup(timed)
      : boundGroup(timed, busyTimes(tally, resources.length, prices));
  return { tally, time, graph };
}

const plus = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a + b;

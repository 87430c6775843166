import type { TokenGroup } from "../lowering/context.ts";
import { tallyGraph } from "../lowering/tally.ts";
import type { BreakdownRow, CostExplanation, PhaseCost } from "../model/evaluation.ts";
import { simulate } from "../timing/simulate.ts";
import { nsFromPs } from "../units/convert.ts";
import { createAccount } from "./account.ts";
import { createExplainer, type Explainer } from "./explain.ts";
import type { Machine } from "./machine.ts";
import {
  boundGroup,
  busyTimes,
  type GroupTime,
  scheduledTime,
  simulateGroup,
  tableGroup,
  timedGraph,
} from "./schedule.ts";

/** One phase, whole. */
export interface PhaseResult {
  readonly cost: PhaseCost;
  readonly rows: readonly BreakdownRow[];
  /** Server time of each resource. [resources] */
  readonly busy_ps: Float64Array;
  readonly linkBusy_ps: number | null;
  readonly explanation: CostExplanation;
}

/**
 * Runs the groups of one phase one after the other: the next begins when the one before is done,
 * since its tokens come out of that one.
 *
 * @param groups made one by one, so that only one group's graph is held at a time
 */
export function runPhase(
  machine: Machine,
  phase: BreakdownRow["phase"],
  groups: Iterable<TokenGroup>,
): PhaseResult {
  const { lowering, routes, list, prices, standing } = machine;
  const account = createAccount(phase, lowering.ops, prices, list);
  const explainer = createExplainer(machine, phase);
  const busy_ps = new Float64Array(lowering.resources.length);
  const sum = { groups: 0, tokens: 0, ops: 0, makespan_ps: 0, lower_ps: 0 };
  let upper_ps: number | null = 0;
  let linkBusy_ps: number | null = 0;
  for (const group of groups) {
    const { time, tally } = runGroup(machine, group, explainer);
    account.add(tally, routes.hopsOf);
    for (let r = 0; r < busy_ps.length; r++) busy_ps[r]! += time.busy_ps[r]!;
    sum.groups++;
    sum.tokens += group.tokens;
    sum.ops += tally.opCount;
    sum.makespan_ps += time.makespan_ps;
    sum.lower_ps += time.lower_ps;
    upper_ps = plus(upper_ps, time.upper_ps);
    linkBusy_ps = plus(linkBusy_ps, time.linkBusy_ps);
  }
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
  return { cost, rows, busy_ps, linkBusy_ps, explanation: explainer.rows() };
}

function runGroup(
  { lowering, routes, prices, level, explain }: Machine,
  group: TokenGroup,
  explainer: Explainer,
): { readonly time: GroupTime; readonly tally: ReturnType<typeof tallyGraph> } {
  const { resources } = lowering;
  if (level === "table") {
    const tally = lowering.tally(group);
    return { tally, time: tableGroup(resources, busyTimes(tally, resources.length, prices)) };
  }
  const graph = lowering.graph(group);
  const timed = timedGraph(graph, resources, routes.table(), prices);
  const tally = tallyGraph(graph);
  if (level === "simulate" && explain) {
    const schedule = simulate(timed);
    explainer.add(graph, timed, schedule);
    return { tally, time: scheduledTime(schedule) };
  }
  const time =
    level === "simulate"
      ? simulateGroup(timed)
      : boundGroup(timed, busyTimes(tally, resources.length, prices));
  return { tally, time };
}

const plus = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a + b;

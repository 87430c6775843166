/** Tiles and links at work over time. */
import type { Watched } from "./machine.ts";
import type { Emit } from "./trace-event.ts";

/** Intervals of a token group. */
const INTERVALS = 120;

/**
 * Means over intervals: tiles that read, and links that carry. A message counts for all links of
 * its route from when it enters the first until it has arrived.
 */
export function emitCounters(
  { machine, graph, timed, schedule }: Watched,
  pid: number,
  origin_ps: number,
  emit: Emit,
): void {
  const { makespan_ps } = schedule;
  if (makespan_ps === 0) return;
  const { resources } = machine.lowering;
  const tiles = new Float64Array(INTERVALS);
  const links = new Float64Array(INTERVALS);
  for (let op = 0; op < graph.opCount; op++) {
    const step = graph.step[op]!;
    const resource = timed.steps.resource[step]!;
    const start_ps = schedule.start_ps[op]!;
    const duration_ps = timed.steps.duration_ps[step]!;
    if (resource < 0) {
      const carried_ps = machine.routes.hopsOf(~resource) * duration_ps;
      spread(links, makespan_ps, start_ps, schedule.end_ps[op]!, carried_ps);
    } else if (resources[resource]!.group === "tile")
      spread(tiles, makespan_ps, start_ps, start_ps + duration_ps, duration_ps);
  }
  const width_ps = makespan_ps / INTERVALS;
  for (let i = 0; i < INTERVALS; i++) {
    const ts = (origin_ps + i * width_ps) / 1e6;
    const mean = (sum_ps: number): number => Number((sum_ps / width_ps).toPrecision(6));
    emit({ ph: "C", name: "busy tiles", pid, tid: 0, ts, args: { tiles: mean(tiles[i]!) } });
    emit({ ph: "C", name: "link load", pid, tid: 0, ts, args: { links: mean(links[i]!) } });
  }
}

/** Spreads an amount evenly over a span of time. */
function spread(
  sums: Float64Array,
  makespan_ps: number,
  from_ps: number,
  to_ps: number,
  amount: number,
): void {
  if (amount === 0 || to_ps <= from_ps) return;
  const width_ps = makespan_ps / sums.length;
  const last = Math.min(sums.length - 1, Math.floor(to_ps / width_ps));
  for (let i = Math.floor(from_ps / width_ps); i <= last; i++) {
    const begin_ps = Math.max(from_ps, i * width_ps);
    const end_ps = Math.min(to_ps, (i + 1) * width_ps);
    sums[i]! += (amount * Math.max(0, end_ps - begin_ps)) / (to_ps - from_ps);
  }
}

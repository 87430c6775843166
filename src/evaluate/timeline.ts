/**
 * A run as a trace of the Trace Event Format, which Perfetto and Chrome open.
 *
 * One process per placement and component, with as many threads ("lanes") as ops overlap there, so
 * that slices of a thread never do. Flows go from the first message after a router's choice, or
 * from the choice itself, to the weighted sum that it ends in. Text is handed on piece by piece.
 *
 * @source "Trace Event Format", Google, 2016: phases X, M, C, s, f; times in microseconds.
 */
import { nsFromPs } from "../units/convert.ts";
import { createLanes } from "./lanes.ts";
import type { Watch, Watched } from "./machine.ts";
import { emitCounters } from "./timeline-counters.ts";
import { opDescriber, tokenSample } from "./timeline-ops.ts";
import type { Emit } from "./trace-event.ts";

export interface Timeline {
  /** Begins the next placement. */
  readonly begin: (placement: string) => Watch;
  /** Ends the file. @returns what was left out, for people; null: nothing */
  readonly end: () => string | null;
}

/** Slices of one token group beyond this are sampled. */
const MOST_SLICES = 1_000_000;

/** @param write takes the text of the file, in order */
export function createTimeline(
  write: (text: string) => void,
  version: string,
  mostSlices = MOST_SLICES,
): Timeline {
  let isFirst = true;
  let pending: string[] = [];
  let placements = 0;
  const sampled = { slices: 0, ops: 0 };
  const flush = (): void => {
    write(pending.join(""));
    pending = [];
  };
  const emit: Emit = (event) => {
    pending.push(`${isFirst ? "\n" : ",\n"}${JSON.stringify(event)}`);
    isFirst = false;
    if (pending.length >= 2000) flush();
  };
  write('{"traceEvents":[');
  return {
    begin: (placement) => watchPlacement(placement, placements++, emit, sampled, mostSlices),
    end: () => {
      const notice =
        sampled.slices < sampled.ops
          ? `sampled: ${sampled.slices} of ${sampled.ops} ops are shown; counters count all`
          : null;
      flush();
      const otherData = { version, ...(notice === null ? {} : { notice }) };
      write(`\n],"displayTimeUnit":"ns","otherData":${JSON.stringify(otherData)}}\n`);
      return notice;
    },
  };
}

/** Processes of a placement; more components than that no chip has. */
const PROCESSES = 1000;

const micros = (time_ps: number): number => time_ps / 1e6;

function watchPlacement(
  placement: string,
  number: number,
  emit: Emit,
  sampled: { slices: number; ops: number },
  mostSlices: number,
): Watch {
  const processes = new Map<string, number>();
  const processOf = (component: string): number => {
    const known = processes.get(component);
    if (known !== undefined) return known;
    const pid = number * PROCESSES + processes.size + 1;
    processes.set(component, pid);
    emit({
      ph: "M",
      name: "process_name",
      pid,
      tid: 0,
      ts: 0,
      args: { name: `${placement} · ${component}` },
    });
    emit({ ph: "M", name: "process_sort_index", pid, tid: 0, ts: 0, args: { sort_index: pid } });
    return pid;
  };
  const lanes = createLanes((pid, tid) => {
    emit({ ph: "M", name: "thread_name", pid, tid, ts: 0, args: { name: `lane ${tid}` } });
  });
  let origin_ps = 0;
  let flows = number * 2 ** 32;
  return (watched) => {
    const pid = processOf("counters");
    emitCounters(watched, pid, origin_ps, emit);
    lanes.restart();
    const shown = emitSlices(watched, {
      processOf,
      lanes,
      emit,
      origin_ps,
      mostSlices,
      nextFlow: () => ++flows,
    });
    sampled.slices += shown;
    sampled.ops += watched.graph.opCount;
    origin_ps += watched.schedule.makespan_ps;
  };
}

interface Tracks {
  readonly processOf: (component: string) => number;
  readonly lanes: ReturnType<typeof createLanes>;
  readonly emit: Emit;
  readonly origin_ps: number;
  readonly mostSlices: number;
  readonly nextFlow: () => number;
}

/** Where a flow begins: the first message after a router's choice, or the choice. */
interface FlowStart {
  readonly id: number;
  readonly isChoice: boolean;
  readonly at: { readonly pid: number; readonly tid: number; readonly ts: number };
}

/** @returns ops shown */
function emitSlices(watched: Watched, tracks: Tracks): number {
  const { graph, timed, schedule } = watched;
  const describe = opDescriber(watched);
  const ops = inTimeOrder(tokenSample(watched, tracks.mostSlices), schedule.start_ps);
  const flows = new Map<string, FlowStart>();
  for (const op of ops) {
    const step = graph.step[op]!;
    const isMessage = timed.steps.resource[step]! < 0;
    const start_ps = schedule.start_ps[op]!;
    const end_ps = isMessage ? schedule.end_ps[op]! : start_ps + timed.steps.duration_ps[step]!;
    const what = describe(op);
    const pid = tracks.processOf(what.component);
    const tid = tracks.lanes.take(pid, start_ps, end_ps);
    const ts = micros(tracks.origin_ps + start_ps);
    const { name, category, layer, token, phase } = what;
    const more = what.expert < 0 ? {} : { expert: what.expert };
    const args = {
      phase,
      layer,
      token,
      ...more,
      result_ns: nsFromPs(tracks.origin_ps + schedule.end_ps[op]!),
    };
    tracks.emit({
      ph: "X",
      name,
      cat: category,
      pid,
      tid,
      ts,
      dur: micros(end_ps - start_ps),
      args,
    });
    emitFlow(what, { pid, tid, ts }, isMessage, flows, tracks);
  }
  return ops.length;
}

function emitFlow(
  { layer, token, role }: { readonly layer: number; readonly token: number; readonly role: string },
  at: FlowStart["at"],
  isMessage: boolean,
  flows: Map<string, FlowStart>,
  { emit, nextFlow }: Tracks,
): void {
  if (token < 0 || layer < 0) return;
  const key = `${layer} ${token}`;
  const start = flows.get(key);
  const flow = { name: "dispatch to combine", cat: "experts" };
  if (role === "choice") flows.set(key, { id: nextFlow(), isChoice: true, at });
  else if (isMessage && start?.isChoice) flows.set(key, { id: start.id, isChoice: false, at });
  else if (role === "combine" && start !== undefined) {
    emit({ ph: "s", ...flow, id: start.id, ...start.at });
    emit({ ph: "f", bp: "e", ...flow, id: start.id, ...at });
    flows.delete(key);
  }
}

/** By start; ops that start together by number. */
function inTimeOrder(ops: Int32Array, start_ps: Float64Array): Int32Array {
  return ops.sort((a, b) => start_ps[a]! - start_ps[b]! || a - b);
}

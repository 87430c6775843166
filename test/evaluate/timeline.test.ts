import { group } from "d3-array";
import { expect, test } from "vitest";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import { createTimeline } from "../../src/evaluate/timeline.ts";
import { allAnalog, expertsAnalog, loadArch, loadWorkload, OPTIONS } from "./load.ts";

interface Event {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly id?: number;
  readonly bp?: string;
  readonly cat?: string;
  readonly args?: Readonly<Record<string, unknown>>;
}
interface TraceFile {
  readonly traceEvents: readonly Event[];
  readonly displayTimeUnit: string;
  readonly otherData: Readonly<Record<string, string>>;
}

const arch = loadArch("hetero-pcm");
const workload = { ...loadWorkload("tiny-olmoe"), layers: 2 };
const options = { ...OPTIONS, prefill_tokens: 4, decode_tokens: 2 };

function record(mostSlices?: number) {
  const pieces: string[] = [];
  const timeline = createTimeline((text) => pieces.push(text), "0.0.0", mostSlices);
  const costs = [allAnalog, expertsAnalog].map((place, i) =>
    evaluateCost(arch, workload, place(workload), options, timeline.begin(`p${i}`)),
  );
  const notice = timeline.end();
  return { file: JSON.parse(pieces.join("")) as TraceFile, pieces, costs, notice };
}

const { file, costs, pieces } = record();
const of = (ph: string): readonly Event[] => file.traceEvents.filter((event) => event.ph === ph);
const threadOf = ({ pid, tid }: Event): string => `${pid} ${tid}`;
const EPSILON_US = 1e-6;

test("every event has the fields that its phase requires, in microseconds", () => {
  expect(file.displayTimeUnit).toBe("ns");
  for (const event of file.traceEvents) {
    expect("XMCsf").toContain(event.ph);
    expect(Number.isInteger(event.pid) && Number.isInteger(event.tid)).toBe(true);
    expect(event.ts).toBeGreaterThanOrEqual(0);
    expect(event.name).not.toBe("");
    if (event.ph === "X") expect(event.dur).toBeGreaterThanOrEqual(0);
    if (event.ph === "C")
      for (const value of Object.values(event.args!)) expect(typeof value).toBe("number");
  }
});

test("slices of a thread never overlap, and every thread and process is named", () => {
  const threads = group(of("X"), threadOf);
  for (const slices of threads.values()) {
    const sorted = slices.toSorted((a, b) => a.ts - b.ts);
    for (let i = 1; i < sorted.length; i++) {
      const before = sorted[i - 1]!;
      expect(before.ts + before.dur!).toBeLessThanOrEqual(sorted[i]!.ts + EPSILON_US);
    }
  }
  const named = (name: string): Set<string> =>
    new Set(
      of("M")
        .filter((event) => event.name === name)
        .map((e) => (name === "thread_name" ? threadOf(e) : `${e.pid}`)),
    );
  for (const thread of threads.keys()) expect(named("thread_name")).toContain(thread);
  for (const event of of("X")) expect(named("process_name")).toContain(`${event.pid}`);
});

test("there is one slice per op, and the last result comes when the run ends", () => {
  const ops = costs.map(({ prefill, decode }) => prefill!.ops + decode!.ops);
  const slices = [0, 1].map((p) => of("X").filter(({ pid }) => Math.floor(pid / 1000) === p));
  expect(slices.map(({ length }) => length)).toEqual(ops);
  slices.forEach((own, p) => {
    const last_ns = own.reduce((most, { args }) => Math.max(most, args!["result_ns"] as number), 0);
    const { prefill, decode } = costs[p]!;
    expect(last_ns).toBeCloseTo(prefill!.duration_ns + decode!.duration_ns, 3);
  });
});

test("a flow leads from each token's choice of experts, in each layer, to the sum of their results", () => {
  const tokens = options.prefill_tokens + options.decode_tokens;
  const starts = of("s");
  const ends = new Map(of("f").map((event) => [event.id, event]));
  expect(starts).toHaveLength(2 * workload.layers * tokens);
  expect(new Set(starts.map(({ id }) => id)).size).toBe(starts.length);
  const at = (wanted: Event): Event | undefined =>
    of("X").find((e) => threadOf(e) === threadOf(wanted) && e.ts === wanted.ts);
  for (const start of starts) {
    const end = ends.get(start.id)!;
    expect(end.bp).toBe("e");
    expect(start.ts).toBeLessThan(end.ts);
    expect(at(end)!.name).toMatch(/^L\d+ multiply-add t\d+$/);
    expect(at(start)!.args!["layer"]).toBe(at(end)!.args!["layer"]);
    expect(at(start)!.args!["token"]).toBe(at(end)!.args!["token"]);
  }
});

test("slices are named after layer, expert and token", () => {
  const names = of("X").map(({ name }) => name);
  expect(names.some((name) => /^L1 E\d+ up t\d$/.test(name))).toBe(true);
  expect(names.some((name) => /^L0 attention q t\d$/.test(name))).toBe(true);
});

test("counters integrate to busy times", () => {
  const crossbars = costs[0]!.components.find(
    ({ component }) => component === "pcm-tile crossbar",
  )!;
  const links = costs[0]!.components.find(({ component }) => component === "interconnect")!;
  const integral_ns = (name: string, field: string): number => {
    const own = of("C").filter((e) => e.name === name && Math.floor(e.pid / 1000) === 0);
    return own.reduce((sum, event, i) => {
      const part = Math.floor(i / 120);
      const width = own[part * 120 + 1]!.ts - own[part * 120]!.ts;
      return sum + (event.args![field] as number) * width * 1000;
    }, 0);
  };
  expect(integral_ns("busy tiles", "tiles") / crossbars.busy_ns!).toBeCloseTo(1, 3);
  // Ports are links of the schedule too, but no hops.
  expect(integral_ns("link load", "links")).toBeLessThanOrEqual(links.busy_ns! * 1.001);
  expect(integral_ns("link load", "links")).toBeGreaterThan(0);
});

test("the text comes in pieces, none of them large", () => {
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(1e6);
  expect(pieces.length).toBeGreaterThan(3);
});

test("above a cap whole tokens are left out, and the file says so", () => {
  const { file: sampled, notice } = record(150);
  const slices = sampled.traceEvents.filter(({ ph }) => ph === "X");
  const all = of("X").length;
  expect(slices.length).toBeLessThan(all);
  expect(notice).toContain(`${slices.length} of ${all} ops`);
  expect(sampled.otherData["notice"]).toBe(notice);
});

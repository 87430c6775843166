import fc from "fast-check";
import { expect, test } from "vitest";
import { latency_ps } from "../../src/timing/bounds.ts";
import { Deadlock } from "../../src/timing/deadlock.ts";
import {
  type CriticalStep,
  criticalPath,
  forEachWait,
  type Waiting,
} from "../../src/timing/explain.ts";
import type { OpGraph } from "../../src/timing/graph.ts";
import { simulate } from "../../src/timing/simulate.ts";
import { traceOf } from "../../src/timing/trace.ts";
import { anyGraph, anyPlainGraph, flat, graphOf } from "./graphs.ts";

const someGraph = anyGraph(60).filter((graph) => graph.step.length > 0);

test("the critical path covers the makespan without gaps, back to an op that waited for nothing", () => {
  fc.assert(
    fc.property(someGraph, (graph) => {
      const schedule = simulate(graph);
      const steps = criticalPath(graph, schedule);
      expect(steps[0]!.to_ps).toBe(schedule.makespan_ps);
      expect(steps.map((s) => s.from_ps)).toEqual([...steps.slice(1).map((s) => s.to_ps), 0]);
      expect(steps.map((s) => s.reason.kind).indexOf("start")).toBe(steps.length - 1);
    }),
    { numRuns: 500 },
  );
});

test("the same where results wait for room", () => {
  const places = fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 4, maxLength: 4 });
  let waited = 0;
  fc.assert(
    fc.property(someGraph, places, (graph, buffers) => {
      const limited = { ...graph, buffers: Int32Array.from(buffers) };
      let schedule: ReturnType<typeof simulate>;
      try {
        schedule = simulate(limited);
      } catch (error) {
        if (error instanceof Deadlock) return;
        throw error;
      }
      const steps = criticalPath(limited, schedule);
      expect(steps[0]!.to_ps).toBe(schedule.makespan_ps);
      expect(steps.map((s) => s.from_ps)).toEqual([...steps.slice(1).map((s) => s.to_ps), 0]);
      forEachWait(limited, schedule, ({ kind, place, behind }) => {
        if (kind === "resource" && limited.steps.resource[limited.step[behind]!] !== place)
          waited++;
      });
    }),
    { numRuns: 500, seed: 3 },
  );
  expect(waited).toBeGreaterThan(5);
});

/** Is the reason true, by the graph and the schedule alone? */
function holds(graph: OpGraph, { op, from_ps, reason }: CriticalStep): boolean {
  const { start_ps, end_ps } = simulate(graph);
  const { duration_ps, resource, successors } = flat(graph);
  const route = (message: number): readonly number[] =>
    Array.from(
      graph.routes.links.slice(
        graph.routes.begin[~resource[message]!],
        graph.routes.begin[~resource[message]! + 1],
      ),
    );
  switch (reason.kind) {
    case "start":
      return from_ps === 0 && !successors.flat().includes(op);
    case "dependency":
      return end_ps[reason.op] === from_ps && successors[reason.op]!.includes(op);
    case "resource":
      return (
        [op, reason.op].every((o) => resource[o] === reason.resource) &&
        start_ps[op] === from_ps &&
        start_ps[reason.op]! + duration_ps[reason.op]! === from_ps
      );
    case "link":
      return [op, reason.op].every((o) => route(o).includes(reason.link)) && op !== reason.op;
  }
}

test("every reason is true", () => {
  fc.assert(
    fc.property(
      anyGraph(30).filter((graph) => graph.step.length > 0),
      (graph) => {
        const steps = criticalPath(graph, simulate(graph));
        expect(steps.filter((step) => !holds(graph, step))).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

const waitsOf = (graph: OpGraph): Waiting[] => {
  const waits: Waiting[] = [];
  forEachWait(graph, simulate(graph), (waiting) => waits.push(waiting));
  return waits;
};

const waitsAndDelays = (graph: OpGraph): { waited_ps: number; delayed_ps: number } => {
  const schedule = simulate(graph);
  const { ready_ps } = traceOf(graph, schedule);
  const delays_ps = schedule.end_ps.map((end, op) => end - ready_ps[op]! - latency_ps(graph, op));
  const sum = (times: Iterable<number>): number => [...times].reduce((a, b) => a + b, 0);
  const waits = waitsOf(graph);
  return { waited_ps: sum(waits.map((w) => w.wait_ps)), delayed_ps: sum(delays_ps) };
};

test("each op ends its latency and its waits after it was ready", () => {
  const lines = anyPlainGraph(60).map(({ ops, servers, hop_ps }) =>
    graphOf(
      ops.map(({ parent: _, ...op }) => op),
      servers,
      hop_ps,
    ),
  );
  fc.assert(
    fc.property(lines, (graph) => {
      const { waited_ps, delayed_ps } = waitsAndDelays(graph);
      expect(waited_ps).toBe(delayed_ps);
    }),
  );
});

test("on the branches of a tree messages may wait without delaying the last arrival", () => {
  fc.assert(
    fc.property(someGraph, (graph) => {
      const { waited_ps, delayed_ps } = waitsAndDelays(graph);
      expect(waited_ps).toBeGreaterThanOrEqual(delayed_ps);
    }),
  );
});

test("who was in the way held the place until the wait was over", () => {
  fc.assert(
    fc.property(someGraph, (graph) => {
      const { resource } = flat(graph);
      for (const { op, kind, place, behind } of waitsOf(graph)) {
        expect(behind).not.toBe(op);
        if (kind === "resource") expect(resource[behind]).toBe(place);
        else expect(resource[behind]).toBeLessThan(0);
      }
    }),
  );
});

test("a line of three: the second op waits for the resource, the message for the link", () => {
  const graph = graphOf(
    [
      { duration_ps: 4, resource: 0 },
      { duration_ps: 3, resource: 0 },
      { duration_ps: 9, route: [0] },
      { duration_ps: 5, route: [0], predecessors: [1] },
    ],
    [1],
    [1],
  );
  expect(criticalPath(graph, simulate(graph))).toEqual([
    { op: 3, from_ps: 9, to_ps: 15, reason: { kind: "link", link: 0, op: 2 } },
    { op: 2, from_ps: 0, to_ps: 9, reason: { kind: "start" } },
  ]);
  expect(waitsOf(graph)).toEqual([
    { op: 1, kind: "resource", place: 0, wait_ps: 4, behind: 0 },
    { op: 3, kind: "link", place: 0, wait_ps: 2, behind: 2 },
  ]);
});

test("nothing to do has no critical path", () => {
  const graph = graphOf([]);
  expect(criticalPath(graph, simulate(graph))).toEqual([]);
});

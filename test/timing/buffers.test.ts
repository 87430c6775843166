import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makespanBounds } from "../../src/timing/bounds.ts";
import { Deadlock } from "../../src/timing/deadlock.ts";
import type { OpGraph, Schedule } from "../../src/timing/graph.ts";
import { simulate } from "../../src/timing/simulate.ts";
import { simulateByTicking } from "../oracle/ticking.ts";
import { anyGraph, graphOf, type PlainOp } from "./graphs.ts";

const limited = (graph: OpGraph, buffers: readonly number[]): OpGraph => ({
  ...graph,
  buffers: Int32Array.from(buffers),
});

const anyBuffers = fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 4, maxLength: 4 });

/** The schedule, or the ring of resources that stops it. */
function outcome(graph: OpGraph): Schedule | readonly number[] {
  try {
    return simulate(graph);
  } catch (error) {
    if (error instanceof Deadlock) return error.resources;
    throw error;
  }
}

describe("limited buffers", () => {
  test("the simulator agrees with a tick-by-tick reading of its rules", () => {
    let deadlocks = 0;
    fc.assert(
      fc.property(anyGraph(14), anyBuffers, (graph, buffers) => {
        const own = outcome(limited(graph, buffers));
        if ("makespan_ps" in own)
          expect({ start_ps: [...own.start_ps], end_ps: [...own.end_ps] }).toEqual(
            simulateByTicking(limited(graph, buffers)),
          );
        else deadlocks++;
      }),
      { numRuns: 800, seed: 7 },
    );
    expect(deadlocks).toBeGreaterThan(10);
    expect(deadlocks).toBeLessThan(600);
  });

  test("where the simulator stops, ticking goes on for ever", () => {
    fc.assert(
      fc.property(anyGraph(10), anyBuffers, (graph, buffers) => {
        const own = outcome(limited(graph, buffers));
        if ("makespan_ps" in own) return;
        expect(() => simulateByTicking(limited(graph, buffers), 1000)).toThrow("deadlock");
        expect(own.length).toBeGreaterThan(0);
        expect(own.every((r) => buffers[r]! >= 0)).toBe(true);
      }),
      { numRuns: 300, seed: 8 },
    );
  });

  test("without a limit nothing changes", () => {
    fc.assert(
      fc.property(anyGraph(60), (graph) => {
        expect(simulate(limited(graph, [-1, -1, -1, -1]))).toEqual(simulate(graph));
      }),
    );
  });

  test("places enough for all results change nothing", () => {
    fc.assert(
      fc.property(anyGraph(30), (graph) => {
        expect(simulate(limited(graph, [30, 30, 30, 30]))).toEqual(simulate(graph));
      }),
    );
  });

  test("schedules stay between the bounds", () => {
    fc.assert(
      fc.property(anyGraph(60), anyBuffers, (graph, buffers) => {
        const own = outcome(limited(graph, buffers));
        if (!("makespan_ps" in own)) return;
        const { lower_ps, upper_ps } = makespanBounds(graph);
        expect(own.makespan_ps).toBeGreaterThanOrEqual(lower_ps);
        expect(own.makespan_ps).toBeLessThanOrEqual(upper_ps);
      }),
      { numRuns: 500 },
    );
  });
});

/** Jobs through a line of stages. */
const line = (stages: readonly number[], jobs: number): PlainOp[] =>
  Array.from({ length: jobs }, (_, job) =>
    stages.map((duration_ps, resource): PlainOp => {
      const op = job * stages.length + resource;
      return { duration_ps, resource, predecessors: resource === 0 ? [] : [op - 1] };
    }),
  ).flat();

test("a stage without buffer stops when the next is slow: blocking after service", () => {
  const graph = limited(graphOf(line([2, 5], 3), [1, 1]), [0, -1]);
  // First stage: 0-2, then 2-4 waits until 7 for the second stage, then 7-9 until 12.
  expect([...simulate(graph).start_ps]).toEqual([0, 2, 2, 7, 7, 12]);
});

test("one place in the buffer lets it work one job ahead", () => {
  const graph = limited(graphOf(line([2, 5], 3), [1, 1]), [1, -1]);
  expect([...simulate(graph).start_ps]).toEqual([0, 2, 2, 7, 4, 12]);
});

test("a line of stages without buffers takes as long as with buffers when the last is the slowest", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 10 }),
      (durations, jobs) => {
        const stages = durations.toSorted((a, b) => a - b);
        const graph = graphOf(
          line(stages, jobs),
          stages.map(() => 1),
        );
        const tight = limited(
          graph,
          stages.map(() => 0),
        );
        expect(simulate(tight).makespan_ps).toBe(simulate(graph).makespan_ps);
      },
    ),
  );
});

test("two resources whose results go to one another without buffers stop each other", () => {
  const ops: PlainOp[] = [
    { duration_ps: 1, resource: 0 },
    { duration_ps: 1, resource: 1 },
    { duration_ps: 1, resource: 1, predecessors: [0] },
    { duration_ps: 1, resource: 0, predecessors: [1] },
  ];
  const graph = graphOf(ops, [1, 1]);
  expect(() => simulate(limited(graph, [0, 0]))).toThrow(
    /deadlock: full buffers of resources (0 -> 1 -> 0|1 -> 0 -> 1) wait for one another/,
  );
  expect(simulate(limited(graph, [1, 0])).makespan_ps).toBe(2);
});

test("an op that follows another on its own resource needs a place beside it", () => {
  const graph = graphOf(
    line([1, 1], 1).map((op) => ({ ...op, resource: 0 })),
    [1],
  );
  expect(outcome(limited(graph, [0]))).toEqual([0]);
  expect(simulate(limited(graph, [1])).makespan_ps).toBe(2);
});

test("a cycle of ops is no deadlock of buffers", () => {
  const ops: PlainOp[] = [
    { duration_ps: 1, resource: 0, predecessors: [1] },
    { duration_ps: 1, resource: 0, predecessors: [0] },
  ];
  expect(() => simulate(limited(graphOf(ops, [1]), [0]))).toThrow("cycle: 2 of 2 ops");
});

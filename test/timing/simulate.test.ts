import fc from "fast-check";
import { expect, test } from "vitest";
import { makespanBounds } from "../../src/timing/bounds.ts";
import type { OpGraph } from "../../src/timing/graph.ts";
import { simulate, simulateTotals } from "../../src/timing/simulate.ts";
import { simulateByTicking } from "../oracle/ticking.ts";
import { anyGraph, anyPlainGraph, flat, graphOf, type PlainGraph, type PlainOp } from "./graphs.ts";

test("the simulator agrees with a tick-by-tick reading of its rules", () => {
  fc.assert(
    fc.property(anyGraph(14), (graph) => {
      const { start_ps, end_ps, makespan_ps } = simulate(graph);
      expect({ start_ps: [...start_ps], end_ps: [...end_ps] }).toEqual(simulateByTicking(graph));
      expect(makespan_ps).toBe(Math.max(0, ...end_ps));
    }),
    { numRuns: 2000 },
  );
});

test("the makespan lies between the analytic bounds", () => {
  fc.assert(
    fc.property(anyGraph(100), (graph) => {
      const { lower_ps, upper_ps } = makespanBounds(graph);
      const { makespan_ps } = simulate(graph);
      expect(makespan_ps).toBeGreaterThanOrEqual(lower_ps);
      expect(makespan_ps).toBeLessThanOrEqual(upper_ps);
    }),
    { numRuns: 1000 },
  );
});

/** The ops again and again; the last op of a copy, if any, comes before the first of the next. */
function repeated(ops: readonly PlainOp[], times: number): PlainOp[] {
  return Array.from({ length: times }, (_, copy) =>
    ops.map((op, i): PlainOp => {
      const shift = copy * ops.length;
      const before = i === 0 && copy > 0 ? [shift - 1] : [];
      return { ...op, predecessors: [...before, ...(op.predecessors ?? []).map((p) => p + shift)] };
    }),
  ).flat();
}

test("copies of a pattern share its steps, and run like ops that have steps of their own", () => {
  fc.assert(
    fc.property(anyPlainGraph(12), fc.integer({ min: 1, max: 4 }), (pattern, times) => {
      const { ops, servers, hop_ps } = pattern;
      const size = ops.length;
      const once = graphOf(ops, servers, hop_ps);
      const each = graphOf(repeated(ops, times), servers, hop_ps);
      const shared: OpGraph = {
        ...each,
        step: each.step.map((op) => op % size),
        steps: graphOfPattern(once),
        routes: once.routes,
        ...chainOf(size, times),
      };
      expect(simulate(shared)).toEqual({ ...simulate(each) });
      expect(makespanBounds(shared)).toEqual(makespanBounds(each));
    }),
    { numRuns: 300 },
  );
});

/** All successors as those of steps. */
function graphOfPattern(graph: OpGraph): OpGraph["steps"] {
  const { successors } = flat(graph);
  const aheadBegin = new Int32Array(successors.length + 1);
  successors.forEach((next, op) => {
    aheadBegin[op + 1] = aheadBegin[op]! + next.length;
  });
  const ahead = Int32Array.from(successors.flatMap((next, op) => next.map((to) => to - op)));
  return { ...graph.steps, aheadBegin, ahead };
}

/** Edges from the last op of each copy to the first of the next. */
function chainOf(size: number, times: number): Pick<OpGraph, "firstEdge" | "edges"> {
  const firstEdge = new Int32Array(size * times);
  const edges = [0, 0];
  for (let copy = 1; size > 0 && copy < times; copy++) {
    firstEdge[copy * size - 1] = copy;
    edges.push(copy * size, 0);
  }
  return { firstEdge, edges: Int32Array.from(edges) };
}

test("totals are those of the schedule", () => {
  fc.assert(
    fc.property(anyGraph(40), (graph) => {
      const { makespan_ps, busy_ps, linkBusy_ps } = simulate(graph);
      expect(simulateTotals(graph)).toEqual({ makespan_ps, busy_ps, linkBusy_ps });
    }),
  );
});

/** The same graph with a resource, or links, for each op alone. */
function withoutContention({ ops, hop_ps }: PlainGraph): PlainGraph {
  const links = hop_ps.length;
  return {
    ops: ops.map((op, i) =>
      op.route === undefined
        ? { ...op, resource: i }
        : { ...op, route: op.route.map((link) => i * links + link) },
    ),
    servers: ops.map(() => 1),
    hop_ps: ops.flatMap(() => hop_ps),
  };
}

test("without contention the lower bound is exact", () => {
  fc.assert(
    fc.property(anyPlainGraph(60).map(withoutContention), ({ ops, servers, hop_ps }) => {
      const graph = graphOf(ops, servers, hop_ps);
      expect(simulate(graph).makespan_ps).toBe(makespanBounds(graph).lower_ps);
    }),
  );
});

test("a chain of ops takes the sum of its parts: both bounds are exact", () => {
  fc.assert(
    fc.property(anyPlainGraph(30), ({ ops, servers }) => {
      const chain = ops.map((op, i) => ({ ...op, predecessors: i === 0 ? [] : [i - 1] }));
      const graph = graphOf(chain, servers, [0, 0, 0, 0, 0]);
      const { lower_ps } = makespanBounds(graph);
      const sum_ps = chain.reduce(
        (sum, op) => sum + (op.route?.length === 0 ? 0 : op.duration_ps) + (op.tail_ps ?? 0),
        0,
      );
      expect([simulate(graph).makespan_ps, lower_ps]).toEqual([sum_ps, sum_ps]);
    }),
  );
});

test("no work is lost: resources and links are busy for the sum of their ops", () => {
  fc.assert(
    fc.property(anyPlainGraph(100), ({ ops, servers, hop_ps }) => {
      const work = (uses: (op: PlainOp) => boolean): number =>
        ops.filter(uses).reduce((sum, op) => sum + op.duration_ps, 0);
      const schedule = simulate(graphOf(ops, servers, hop_ps));
      expect([...schedule.busy_ps]).toEqual(
        servers.map((_, resource) => work((op) => op.resource === resource)),
      );
      expect([...schedule.linkBusy_ps]).toEqual(
        hop_ps.map((_, link) => work((op) => op.route?.includes(link) === true)),
      );
    }),
  );
});

test("renumbering resources and links changes nothing but their numbers", () => {
  fc.assert(
    fc.property(anyPlainGraph(60), ({ ops, servers, hop_ps }) => {
      const renumbered = ops.map((op) =>
        op.route === undefined
          ? { ...op, resource: 3 - op.resource! }
          : { ...op, route: op.route.map((link) => 4 - link) },
      );
      const schedule = simulate(graphOf(ops, servers, hop_ps));
      const other = simulate(graphOf(renumbered, servers.toReversed(), hop_ps.toReversed()));
      expect(other.start_ps).toEqual(schedule.start_ps);
      expect(other.end_ps).toEqual(schedule.end_ps);
      expect(other.busy_ps).toEqual(schedule.busy_ps.toReversed());
      expect(other.linkBusy_ps).toEqual(schedule.linkBusy_ps.toReversed());
    }),
  );
});

test("n jobs through a line of stages take the sum of the stages and n - 1 times the slowest", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 20 }),
      (stages, jobs) => {
        const ops = Array.from({ length: jobs }, (_, job) =>
          stages.map((duration_ps, resource): PlainOp => {
            const op = job * stages.length + resource;
            return { duration_ps, resource, predecessors: resource === 0 ? [] : [op - 1] };
          }),
        ).flat();
        const graph = graphOf(
          ops,
          stages.map(() => 1),
        );
        const expected_ps =
          stages.reduce((sum, s) => sum + s, 0) + (jobs - 1) * Math.max(...stages);
        expect(simulate(graph).makespan_ps).toBe(expected_ps);
        expect(makespanBounds(graph).lower_ps).toBe(expected_ps);
      },
    ),
  );
});

test("the tail of an op delays its successors and not its resource", () => {
  const pipelined = { duration_ps: 2, tail_ps: 10, resource: 0 };
  const graph = graphOf(
    [pipelined, pipelined, { duration_ps: 1, resource: 1, predecessors: [1] }],
    [1, 1],
  );
  expect([...simulate(graph).start_ps]).toEqual([0, 2, 14]);
});

test("a message takes its hops once and its length once", () => {
  const graph = graphOf([{ duration_ps: 7, tail_ps: 1, route: [0, 1, 2] }], [], [3, 4, 5]);
  expect([...simulate(graph).end_ps]).toEqual([3 + 4 + 5 + 7 + 1]);
});

test("a message to several nodes takes each link of its tree once, and is there when the last has it", () => {
  // 0 forks into 1 and 2, 2 goes on to 3
  const tree = { duration_ps: 7, route: [0, 1, 2, 3], parent: [-1, 0, 0, 2] };
  const { end_ps, linkBusy_ps } = simulate(graphOf([tree], [], [3, 9, 4, 1]));
  expect([...end_ps]).toEqual([Math.max(3 + 9, 3 + 4 + 1) + 7]);
  expect([...linkBusy_ps]).toEqual([7, 7, 7, 7]);
});

test("a message passes in front of one that is still on its way", () => {
  const far = { duration_ps: 2, route: [0, 1] };
  const near = { duration_ps: 2, route: [1] };
  const { end_ps } = simulate(graphOf([far, near], [], [10, 1]));
  expect([...end_ps]).toEqual([13, 3]);
});

test("simultaneous messages take a link in the order of their ids", () => {
  const message = { duration_ps: 5, route: [0] };
  expect([...simulate(graphOf([message, message, message], [], [1])).start_ps]).toEqual([0, 5, 10]);
});

test("more servers can take longer (Graham 1969), and nobody should mend that", () => {
  const durations = [3, 2, 2, 2, 4, 4, 4, 4, 9];
  const predecessors = [[], [], [], [], [3], [3], [3], [3], [0]];
  const ops = durations.map((duration_ps, i) => ({
    duration_ps,
    resource: 0,
    predecessors: predecessors[i]!,
  }));
  expect(simulate(graphOf(ops, [3])).makespan_ps).toBe(12);
  expect(simulate(graphOf(ops, [4])).makespan_ps).toBe(15);
  expect(makespanBounds(graphOf(ops, [4])).lower_ps).toBe(12);
});

test("a graph with a cycle is refused", () => {
  const graph = graphOf(
    [
      { duration_ps: 1, resource: 0, predecessors: [1] },
      { duration_ps: 1, resource: 0, predecessors: [0] },
      { duration_ps: 1, resource: 0 },
    ],
    [1],
  );
  expect(() => simulate(graph)).toThrow("cycle: 2 of 3 ops");
  expect(() => makespanBounds(graph)).toThrow("op 0 comes before its predecessor 1");
});

test("nothing to do takes no time", () => {
  expect(simulate(graphOf([], [1])).makespan_ps).toBe(0);
  expect(makespanBounds(graphOf([], [1]))).toEqual({ lower_ps: 0, upper_ps: 0 });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTopology } from "../../src/interconnect/index.ts";
import { withPorts } from "../../src/interconnect/ports.ts";
import { createRouteTable } from "../../src/interconnect/route-table.ts";
import type { Interconnect } from "../../src/model/interconnect.ts";
import { createFlitNetwork } from "../../src/timing/flits.ts";
import { createLinks } from "../../src/timing/links.ts";
import { common } from "../interconnect/networks.ts";

/** Networks on which no messages can wait for one another in a ring. */
const anyNetwork = fc
  .constantFrom(
    { kind: "mesh", cols: 4, rows: 3 },
    { kind: "concentrated-mesh", cols: 2, rows: 3, concentration: 2 },
    { kind: "tree", nodes: 12, arity: 3 },
    { kind: "crossbar", nodes: 12 },
    { kind: "bus", nodes: 12 },
  )
  .map((network) => createTopology({ ...network, ...common } as Interconnect));

const anyMessages = fc.array(
  fc.record({
    from: fc.nat({ max: 11 }),
    to: fc.uniqueArray(fc.nat({ max: 11 }), { minLength: 1, maxLength: 5 }),
    flits: fc.integer({ min: 1, max: 20 }),
    wait: fc.integer({ min: 0, max: 6 }),
  }),
  { minLength: 1, maxLength: 40 },
);

const CYCLE = 10;
const HOP = 50;

/** Runs messages; what arrived when, in cycles. */
function run(
  network: ReturnType<typeof createTopology>,
  messages: readonly { from: number; to: readonly number[]; flits: number; wait: number }[],
  buffers = { channels: 2, depth: 4 },
) {
  const ported = withPorts(network);
  const hops = new Float64Array(ported.links).fill(HOP, 0, network.links + 2 * network.nodes);
  hops.fill(CYCLE, network.links, network.links + network.nodes);
  const routes = createRouteTable(ported, hops, network.links);
  const numbers = messages.map(({ from, to }) => routes.treeOf(from, to));
  const table = routes.table();
  const ends = messages.map(() => ({ start_ps: -1, end_ps: -1, times: 0 }));
  const flits = createFlitNetwork(
    table,
    { cycle_ps: CYCLE, ...buffers },
    (op, start_ps, end_ps) => {
      ends[op] = { start_ps, end_ps, times: ends[op]!.times + 1 };
    },
  );
  let now_ps = 0;
  messages.forEach(({ flits: length, wait }, op) => {
    for (let i = 0; i < wait; i++) {
      now_ps += CYCLE;
      if (flits.next_ps() < now_ps) flits.step();
    }
    flits.send(op, numbers[op]!, now_ps, length * CYCLE);
  });
  for (let steps = 0; flits.next_ps() < Infinity; steps++) {
    if (steps > 1e5) throw new Error("messages wait for one another");
    flits.step();
  }
  return { table, numbers, ends, busy_ps: flits.busy_ps };
}

describe("flit by flit", () => {
  test("every message arrives once, everywhere, however full the buffers; links carry each flit once", () => {
    fc.assert(
      fc.property(anyNetwork, anyMessages, (network, messages) => {
        const { table, numbers, ends, busy_ps } = run(network, messages);
        const carried = new Float64Array(table.linkCount);
        messages.forEach(({ flits }, op) => {
          expect(ends[op]!.times).toBe(1);
          for (let i = table.begin[numbers[op]!]!; i < table.begin[numbers[op]! + 1]!; i++)
            carried[table.links[i]!]! += flits * CYCLE;
        });
        expect([...busy_ps]).toEqual([...carried]);
      }),
      { numRuns: 100 },
    );
  });

  test("a packet alone takes as long as a message that reserves its links", () => {
    fc.assert(
      fc.property(
        anyNetwork,
        fc.nat({ max: 11 }),
        fc.nat({ max: 11 }),
        fc.integer({ min: 1, max: 8 }),
        (network, from, to, flits) => {
          const { table, numbers, ends } = run(network, [{ from, to: [to], flits, wait: 0 }], {
            channels: 1,
            depth: 8,
          });
          const reserved = createLinks(table).reserve(numbers[0]!, 0, flits * CYCLE);
          expect(ends[0]!.end_ps).toBe(reserved);
        },
      ),
    );
  });

  test("no message is faster than one that reserves free links", () => {
    fc.assert(
      fc.property(anyNetwork, anyMessages, (network, messages) => {
        const { table, numbers, ends } = run(network, messages);
        messages.forEach(({ flits }, op) => {
          const { start_ps, end_ps } = ends[op]!;
          const free_ps = createLinks(table).reserve(numbers[op]!, 0, flits * CYCLE);
          expect(end_ps - start_ps).toBeGreaterThanOrEqual(free_ps);
        });
      }),
      { numRuns: 100 },
    );
  });

  test("back-pressure: behind one blocked node a lane's flits wait, and no more enter", () => {
    // Ten packets of 4 flits to node 0 of a ring-free line; its port takes one flit a cycle.
    const line = createTopology({ kind: "mesh", cols: 4, rows: 1, ...common });
    const messages = [1, 2, 3].flatMap((from) =>
      Array.from({ length: 10 }, () => ({ from, to: [0], flits: 4, wait: 0 })),
    );
    const timesOf = (channels: number) => run(line, messages, { channels, depth: 4 }).ends;
    const drained = Math.max(...timesOf(4).map(({ end_ps }) => end_ps)) / CYCLE;
    expect(drained).toBeGreaterThanOrEqual(3 * 10 * 4 + 1 + 2 * 5);
    expect(drained).toBeLessThanOrEqual(3 * 10 * 4 * 1.15 + 1 + 2 * 5);
    // With room on the way the farthest node's 40 flits enter one after the other; with three
    // lanes of 4 flits on the way, only as others are drained.
    const lastStart = (ends: ReturnType<typeof timesOf>): number =>
      Math.max(...ends.slice(20).map(({ start_ps }) => start_ps / CYCLE));
    expect(lastStart(timesOf(16))).toBe(36);
    expect(lastStart(timesOf(1))).toBeGreaterThan(72);
  });

  test("sums are not formed on the way", () => {
    const routes = createRouteTable(
      withPorts(createTopology({ kind: "mesh", cols: 3, rows: 1, ...common })),
      HOP,
    );
    const number = routes.reductionOf(0, [1, 2]);
    const flits = createFlitNetwork(
      routes.table(),
      { cycle_ps: CYCLE, channels: 1, depth: 1 },
      () => {},
    );
    expect(() => flits.send(0, number, 0, 1)).toThrow("not added up");
  });
});

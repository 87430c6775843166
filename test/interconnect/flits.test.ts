import { describe, expect, test } from "vitest";
import { latenciesByFlits } from "../oracle/flits.ts";
import { createDice, meshLatencies, type Packet } from "../validation/mesh-network.ts";

const MESH = {
  A_4vc8_4stage: { k: 4, channels: 4, depth: 8, stages: 4 },
  B_1vc8_3stage: { k: 4, channels: 1, depth: 8, stages: 3 },
} as const;

const byFlits = (router: keyof typeof MESH, packets: readonly Packet[], flits: number): number[] =>
  latenciesByFlits(
    MESH[router],
    packets.map((p) => ({ ...p, flits })),
  );

const batch = (packetsPerNode: number, to: (from: number) => number): Packet[] =>
  Array.from({ length: 16 * packetsPerNode }, (_, i) => ({
    created: 1,
    from: i % 16,
    to: to(i % 16),
  }));

// test/golden/booksim/mesh8x8.json, batch_mode, 4x4.
test.each([
  ["A_4vc8_4stage", 1, 64, 1031],
  ["A_4vc8_4stage", 4, 16, 1031],
  ["B_1vc8_3stage", 1, 64, 2053],
  ["B_1vc8_3stage", 4, 16, 1285],
] as const)(
  "the flit-level oracle drains a hotspot as BookSim does: %s, %d flits",
  (router, flits, perNode, cycles) => {
    const drained = Math.max(
      ...byFlits(
        router,
        batch(perNode, () => 0),
        flits,
      ),
    );
    expect(Math.abs(drained - cycles)).toBeLessThanOrEqual(1);
  },
);

test.each(["A_4vc8_4stage", "B_1vc8_3stage"] as const)(
  "a packet alone takes as many cycles in the model as flit by flit: %s",
  (router) => {
    const pairs = Array.from({ length: 256 }, (_, i) => ({
      created: 1 + 42 * i,
      from: i >> 4,
      to: i & 15,
    }));
    for (const flits of [1, 4])
      expect(meshLatencies({ router, k: 4, packet_size: flits }, pairs)).toEqual(
        byFlits(router, pairs, flits),
      );
  },
);

/** Bernoulli traffic with uniform destinations. */
function uniformPackets(seed: number, chance: number, cycles: number): Packet[] {
  const dice = createDice(seed);
  const packets: Packet[] = [];
  for (let created = 1; created < cycles; created++)
    for (let from = 0; from < 16; from++)
      if (dice() < chance) packets.push({ created, from, to: Math.floor(16 * dice()) });
  return packets;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, v) => sum + v, 0) / values.length;

describe.each([
  [0.1, 0.02],
  [0.3, 0.04],
  [0.5, 0.1],
])(
  "the same packets in the model and flit by flit, %d flits per node and cycle",
  (rate, allowed) => {
    test.each([1, 4])("packets of %d flits", (flits) => {
      const packets = uniformPackets(99, rate / flits, 500);
      const ours = mean(
        meshLatencies({ router: "A_4vc8_4stage", k: 4, packet_size: flits }, packets),
      );
      const error = ours / mean(byFlits("A_4vc8_4stage", packets, flits)) - 1;
      expect(Math.abs(error)).toBeLessThan(allowed);
    });
  },
);

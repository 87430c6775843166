import { readFileSync } from "node:fs";
import { HOP_CYCLES, meshLatencies, type Packet, type Router } from "../mesh-network.ts";
import { rowsOf, type ValidationRow } from "../row.ts";

interface Golden {
  readonly zero_load: Readonly<Record<string, { mean: number; min: number; hops: number }>>;
  readonly batch_mode: {
    readonly runs: readonly {
      router: Router;
      k: number;
      traffic: string;
      packet_size: number;
      packets_per_node: number;
      first_batch_cycles: number;
    }[];
  };
}
const golden = JSON.parse(
  readFileSync(new URL("../../golden/booksim/mesh8x8.json", import.meta.url), "utf8"),
) as Golden;

const row = rowsOf("A12 BookSim 2.0, 8 x 8 mesh (curves: test/validation/booksim.test.ts)", 0.003);
const NAMES: Readonly<Record<Router, string>> = {
  A_4vc8_4stage: "router A (4 virtual channels)",
  B_1vc8_3stage: "router B (1 virtual channel)",
};

/** Least latency, and the mean at the mean distance of the packets that BookSim drew. */
function idleRows(): ValidationRow[] {
  return Object.entries(golden.zero_load).flatMap(([key, { min, mean, hops }]) => {
    const [router, size, traffic, flits] = key.split("/") as [Router, string, string, string];
    if (size !== "8x8") return [];
    const setting = { router, k: 8, packet_size: Number(flits[0]) };
    const least = meshLatencies(setting, [{ created: 1, from: 0, to: 0 }])[0]!;
    const name = `${NAMES[router]}, idle, ${traffic}, ${flits[0]} flit`;
    const hotspot = traffic.startsWith("hotspot");
    return [
      row(`${name}: least latency`, "cycles", min, least, { tolerance_frac: 0 }),
      row(`${name}: mean latency`, "cycles", mean, least + HOP_CYCLES[router] * (hops - 1), {
        tolerance_frac: hotspot ? 0.015 : 0.003,
        remark: hotspot ? "one packet in 50 meets another one" : "",
      }),
    ];
  });
}

/** All packets to one node: one port drains them. */
function drainRows(): ValidationRow[] {
  const runs = golden.batch_mode.runs.filter(
    (run) => run.k === 8 && run.traffic === "hotspot({0})" && run.packets_per_node === 64,
  );
  return runs.map((run) => {
    const packets: Packet[] = Array.from({ length: 64 * 64 }, (_, i) => ({
      created: 1,
      from: i % 64,
      to: 0,
    }));
    const cycles = Math.max(...meshLatencies(run, packets));
    const name = `${NAMES[run.router]}, 64 x 64 packets of ${run.packet_size} flit to one node`;
    const modelled = run.router === "A_4vc8_4stage";
    return row(`${name}: drained after`, "cycles", run.first_batch_cycles, cycles, {
      tolerance_frac: modelled ? 0.01 : null,
      remark: modelled
        ? ""
        : "its one virtual channel is free again only when the tail has left; ours has no virtual channels",
    });
  });
}

/** Drains whose packets are the same in every run, router by router clock. */
function flitRows(): ValidationRow[] {
  const runs = golden.batch_mode.runs.filter(
    (run) => run.k === 8 && run.traffic !== "uniform" && run.packets_per_node === 64,
  );
  return runs.map((run) => {
    const to = (node: number): number =>
      run.traffic === "transpose" ? Math.floor(node / 8) + 8 * (node % 8) : 0;
    const packets: Packet[] = Array.from({ length: 64 * 64 }, (_, i) => ({
      created: 1,
      from: i % 64,
      to: to(i % 64),
    }));
    const cycles = Math.max(...meshLatencies(run, packets, "flits"));
    const name = `${NAMES[run.router]}, flit by flit, 64 x 64 packets of ${run.packet_size} flit, ${run.traffic}`;
    return row(`${name}: drained after`, "cycles", run.first_batch_cycles, cycles, {
      tolerance_frac: 0.01,
    });
  });
}

export const bookSimRows: readonly ValidationRow[] = [...idleRows(), ...drainRows(), ...flitRows()];

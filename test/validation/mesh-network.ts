import { withPorts } from "../../src/interconnect/ports.ts";
import { createRouteTable } from "../../src/interconnect/route-table.ts";
import { createMesh } from "../../src/interconnect/topologies/mesh.ts";
import { simulate } from "../../src/timing/simulate.ts";
import { graphOfOps } from "../timing/flat-ops.ts";

/**
 * Routers of the BookSim runs. A head takes 1 cycle over the injection channel, and 5 (A: four
 * stages) or 4 (B: three) through each router and the channel behind it.
 */
export const HOP_CYCLES = { A_4vc8_4stage: 5, B_1vc8_3stage: 4 } as const;
export type Router = keyof typeof HOP_CYCLES;

export interface Packet {
  readonly created: number;
  readonly from: number;
  readonly to: number;
}

/** Their buffers. */
const FLITS = {
  A_4vc8_4stage: { cycle_ps: 1, channels: 4, depth: 8 },
  B_1vc8_3stage: { cycle_ps: 1, channels: 1, depth: 8 },
} as const;

/**
 * Latency of each packet, from its creation, in cycles; one picosecond stands for a cycle.
 *
 * @param fidelity messages that reserve links, or flits
 */
export function meshLatencies(
  { router, k, packet_size }: { router: Router; k: number; packet_size: number },
  packets: readonly Packet[],
  fidelity: "messages" | "flits" = "messages",
): number[] {
  const n = packets.length;
  const mesh = createMesh({ cols: k, rows: k });
  const network = withPorts(mesh);
  const hop_ps = new Float64Array(network.links).fill(HOP_CYCLES[router]);
  hop_ps.fill(1, mesh.links, mesh.links + mesh.nodes);
  const routes = createRouteTable(network, hop_ps);
  const messages = packets.map(({ from, to }) => ~routes.routeOf(from, to));
  // Ops 0..n-1 are timers that end when the packets are created; ops n..2n-1 are the packets.
  const graph = graphOfOps({
    duration_ps: Float64Array.from([
      ...packets.map((p) => p.created),
      ...packets.map(() => packet_size),
    ]),
    tail_ps: new Float64Array(2 * n),
    resource: Int32Array.from([...packets.map(() => 0), ...messages]),
    servers: Int32Array.of(n),
    routes: fidelity === "flits" ? { ...routes.table(), flits: FLITS[router] } : routes.table(),
    successorBegin: Int32Array.from({ length: 2 * n + 1 }, (_, op) => Math.min(op, n)),
    successors: Int32Array.from({ length: n }, (_, i) => n + i),
  });
  const { end_ps } = simulate(graph);
  return packets.map((p, i) => end_ps[n + i]! - p.created);
}

/** Uniform in (0, 1), the same sequence in each run: xorshift32 (Marsaglia 2003). */
export function createDice(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

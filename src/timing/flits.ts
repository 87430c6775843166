import { createChannelAllocator } from "./flit-channels.ts";
import { createFlitLanes } from "./flit-lanes.ts";
import { createFlitMessages, createFlitSources } from "./flit-messages.ts";
import { createSwitches } from "./flit-switches.ts";
import { type FlitTiming, isReduction, type RouteTable } from "./graph.ts";

/** A network that works clock by clock. */
export interface FlitNetwork {
  readonly send: (op: number, route: number, now_ps: number, duration_ps: number) => void;
  /** Its next clock edge; Infinity while nothing is under way. */
  readonly next_ps: () => number;
  /** Works through that clock cycle. */
  readonly step: () => void;
  /** Shape [links]. */
  readonly busy_ps: Float64Array;
}

/** Called when the last flit of a message is at its last receiver. */
export type Arrived = (op: number, start_ps: number, end_ps: number) => void;

/** Cycles from a flit's leaving a buffer to its place there being known as free upstream. */
const CREDIT_CYCLES = 3;

/**
 * Wormhole routers with virtual channels, flit by flit and cycle by cycle.
 *
 * Behind each link there is a buffer of `channels` lanes of `depth` flits. A message travels in
 * packets that fit into a lane. The head of a packet at the front of its lane is given a free lane
 * of its next link, then its flits compete for the switch; both allocators match requests by one
 * round of request, grant and accept with rotating priority. A flit needs a credit of the lane it
 * goes to. Where a tree forks, the flits leave towards each branch on their own; they stay until
 * all have gone, which cannot block others for good as a lane holds the whole packet.
 *
 * A hop's cycles run from a flit's passing the switch to its being able to pass the next one. Two
 * of them, switch and link, are pipelined; the others the packets of a lane take one by one.
 *
 * @source Dally and Towles, "Principles and Practices of Interconnection Networks", 2004, ch. 16
 *   (routers), 18 and 19 (allocators); McKeown, "The iSLIP scheduling algorithm", 1999. Checked
 *   against BookSim 2.0 (Jiang et al., ISPASS 2013).
 */
export function createFlitNetwork(
  routes: RouteTable,
  timing: FlitTiming,
  arrived: Arrived,
): FlitNetwork {
  const { cycle_ps, depth } = timing;
  const hop = routes.hop_ps.map((ps) => Math.round(ps / cycle_ps));
  const busy_ps = new Float64Array(routes.linkCount);
  const lanes = createFlitLanes(routes, timing, hop, CREDIT_CYCLES);
  const channels = createChannelAllocator(lanes, routes.linkCount, timing.channels);
  const messages = createFlitMessages(lanes.forks.ends, cycle_ps, arrived);
  const sources = createFlitSources(lanes, routes, depth, hop, (packet, link, now) => {
    messages.starts(packet, now);
    busy_ps[link]! += cycle_ps;
  });
  let cycle = -1;

  /** A flit passes the switch from a lane's branch to its next link. */
  const pass = (lane: number, branch: number): void => {
    const link = lanes.linkOf(branch);
    const packet = lanes.packetOf(lane);
    const isSink = lanes.isSink(branch);
    busy_ps[link]! += cycle_ps;
    if (lanes.move(lane, branch, cycle) && isSink)
      messages.delivered(packet, cycle + hop[link]! + 1);
  };
  const switches = createSwitches(lanes, routes.linkCount, timing.channels, pass);

  return {
    busy_ps,
    send: (op, route, now_ps, duration_ps) => {
      if (isReduction(routes, route)) throw new Error("flits are not added up on their way");
      if (!messages.isUnderWay()) cycle = Math.max(cycle, Math.ceil(now_ps / cycle_ps) - 1);
      const flits = Math.max(1, Math.ceil(duration_ps / cycle_ps));
      const first = messages.add(op, route, Math.ceil(flits / depth));
      sources.add(first, route, flits);
    },
    next_ps: () => (messages.isUnderWay() ? (cycle + 1) * cycle_ps : Infinity),
    step: () => {
      cycle++;
      lanes.returnCredits(cycle);
      sources.inject(cycle);
      channels.allocate(cycle);
      switches.allocate(cycle);
    },
  };
}

import type { FlitLanes } from "./flit-lanes.ts";
import type { RouteTable } from "./graph.ts";

/** Messages under way, cut into packets. */
export interface FlitMessages {
  /** @returns number of the first of its packets, which are numbered on from there */
  readonly add: (op: number, route: number, packets: number) => number;
  readonly isUnderWay: () => boolean;
  readonly starts: (packet: number, cycle: number) => void;
  /** A packet is whole at one of its receivers. */
  readonly delivered: (packet: number, cycle: number) => void;
}

/** @param arrived gets the op, when its first flit set off, and when its last one was there */
export function createFlitMessages(
  endsOf: (route: number) => number,
  cycle_ps: number,
  arrived: (op: number, start_ps: number, end_ps: number) => void,
): FlitMessages {
  const messageOf: number[] = [];
  const opOf: number[] = [];
  const missing: number[] = [];
  const startOf: number[] = [];
  const lastOf: number[] = [];
  let underWay = 0;
  return {
    isUnderWay: () => underWay > 0,
    add: (op, route, packets) => {
      const message = opOf.push(op) - 1;
      missing.push(packets * endsOf(route));
      startOf.push(-1);
      lastOf.push(0);
      underWay++;
      const first = messageOf.length;
      for (let i = 0; i < packets; i++) messageOf.push(message);
      return first;
    },
    starts: (packet, cycle) => {
      const message = messageOf[packet]!;
      if (startOf[message]! < 0) startOf[message] = cycle;
    },
    delivered: (packet, cycle) => {
      const message = messageOf[packet]!;
      lastOf[message] = Math.max(lastOf[message]!, cycle);
      if (--missing[message]! > 0) return;
      underWay--;
      arrived(opOf[message]!, startOf[message]! * cycle_ps, lastOf[message]! * cycle_ps);
    },
  };
}

/** Nodes' queues of packets that have not entered the network. */
export interface FlitSources {
  readonly add: (firstPacket: number, route: number, flits: number) => void;
  /** Each first link takes one flit. */
  readonly inject: (cycle: number) => void;
}

interface Waiting {
  readonly packet: number;
  readonly flits: number;
  sent: number;
}

/** @param hop cycles of each link */
export function createFlitSources(
  lanes: FlitLanes,
  routes: RouteTable,
  depth: number,
  hop: Float64Array,
  onFlit: (packet: number, link: number, cycle: number) => void,
): FlitSources {
  const lastLane = new Map<number, number>();
  const queues = new Map<number, { waiting: Waiting[]; next: number; lane: number }>();

  const injectOne = (
    link: number,
    queue: { waiting: Waiting[]; next: number; lane: number },
    cycle: number,
  ): void => {
    const packet = queue.waiting[queue.next]!;
    if (packet.sent === 0) {
      const lane = laneWithCredit(lanes, link, queue.lane);
      if (lane < 0) return;
      queue.lane = lane;
      lastLane.set(link, lane);
    }
    if (!lanes.hasCredit(queue.lane)) return;
    lanes.put(queue.lane, packet.packet, 0, cycle + hop[link]!);
    onFlit(packet.packet, link, cycle);
    if (++packet.sent === packet.flits) queue.next++;
    if (queue.next === queue.waiting.length) queues.delete(link);
  };

  return {
    add: (firstPacket, route, flits) => {
      const link = routes.links[routes.begin[route]!]!;
      const queue = queues.get(link) ?? { waiting: [], next: 0, lane: lastLane.get(link) ?? 0 };
      queues.set(link, queue);
      for (let p = 0; p * depth < flits; p++) {
        const own = Math.min(depth, flits - p * depth);
        lanes.openPacket(firstPacket + p, own, route);
        queue.waiting.push({ packet: firstPacket + p, flits: own, sent: 0 });
      }
    },
    inject: (cycle) => {
      for (const [link, queue] of queues) injectOne(link, queue, cycle);
    },
  };
}

/** The next lane of the link, after the last one that was used, with room; -1 if there is none. */
function laneWithCredit(lanes: FlitLanes, link: number, last: number): number {
  const { channels } = lanes;
  for (let turn = 1; turn <= channels; turn++) {
    const lane = link * channels + ((last + turn) % channels);
    if (lanes.hasCredit(lane)) return lane;
  }
  return -1;
}

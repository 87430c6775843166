import type { FlitTiming, RouteTable } from "./graph.ts";
import { createRouteForks, type RouteForks } from "./route-forks.ts";

/**
 * Buffers behind links, and the packets in them. Lane v of link l is number l * channels + v.
 *
 * The packet at the front of a lane has branches: the links that it goes on over.
 */
export interface FlitLanes {
  readonly channels: number;
  readonly forks: RouteForks;
  /** Lanes with a packet. */
  readonly active: ActiveSet;
  readonly packetOf: (lane: number) => number;
  /** Branches of the packet in front: `firstBranch(lane)`, and so many. */
  readonly firstBranch: (lane: number) => number;
  readonly branches: (lane: number) => number;
  readonly linkOf: (branch: number) => number;
  readonly isSink: (branch: number) => boolean;
  /** Does the branch's head want a lane of its link? */
  readonly wantsChannel: (lane: number, branch: number, cycle: number) => boolean;
  readonly isFree: (lane: number) => boolean;
  readonly give: (branch: number, channel: number, cycle: number) => void;
  /** Could a flit of the branch pass the switch? */
  readonly canMove: (lane: number, branch: number, cycle: number) => boolean;
  /** Moves it; was it the last of its packet? */
  readonly move: (lane: number, branch: number, cycle: number) => boolean;
  readonly hasCredit: (lane: number) => boolean;
  /** Puts a flit into a lane; the flits of a packet come one after the other. */
  readonly put: (lane: number, packet: number, place: number, cycle: number) => void;
  readonly returnCredits: (cycle: number) => void;
  /** @param flits of a packet; @param route that it takes */
  readonly openPacket: (packet: number, flits: number, route: number) => void;
}

/** Numbers that come and go, in no order. */
export interface ActiveSet {
  readonly size: () => number;
  readonly at: (index: number) => number;
  readonly add: (member: number) => void;
  readonly remove: (member: number) => void;
}

export function createActiveSet(limit: number): ActiveSet {
  const members = new Int32Array(limit);
  const placeOf = new Int32Array(limit).fill(-1);
  let size = 0;
  return {
    size: () => size,
    at: (index) => members[index]!,
    add: (member) => {
      if (placeOf[member]! >= 0) return;
      placeOf[member] = size;
      members[size++] = member;
    },
    remove: (member) => {
      const place = placeOf[member]!;
      if (place < 0) return;
      const last = members[--size]!;
      members[place] = last;
      placeOf[last] = place;
      placeOf[member] = -1;
    },
  };
}

/** @param creditCycles until a place that a flit has left counts as free upstream */
export function createFlitLanes(
  routes: RouteTable,
  { channels, depth }: FlitTiming,
  hop: Float64Array,
  creditCycles: number,
): FlitLanes {
  const forks = createRouteForks(routes);
  const count = routes.linkCount * channels;
  const active = createActiveSet(count);
  const credits = new Int32Array(count).fill(depth);
  const returning = Array.from({ length: creditCycles + 1 }, (): number[] => []);
  const isTaken = new Uint8Array(count);
  const size = new Int32Array(count);
  const head = new Int32Array(count);
  const ready = new Float64Array(count * depth);
  const flitPacket = new Int32Array(count * depth);
  const flitPlace = new Int32Array(count * depth);
  /** Of the packet in front: -1 for none, flits that have left, first cycle for its allocation. */
  const front = new Int32Array(count).fill(-1);
  const gone = new Int32Array(count);
  const from = new Float64Array(count);
  const width = Math.max(1, forks.widest);
  const branchCount = new Int32Array(count);
  const branchPlace = new Int32Array(count * width);
  const branchLink = new Int32Array(count * width);
  const branchChannel = new Int32Array(count * width);
  const branchFrom = new Float64Array(count * width);
  const sent = new Int32Array(count * width);
  const flitsOf: number[] = [];
  const routeOf: number[] = [];

  const slot = (lane: number, i: number): number => lane * depth + ((head[lane]! + i) % depth);

  const bringToFront = (lane: number): void => {
    const first = slot(lane, 0);
    const packet = flitPacket[first]!;
    const at = routes.begin[routeOf[packet]!]! + flitPlace[first]!;
    front[lane] = packet;
    gone[lane] = 0;
    branchCount[lane] = forks.count(at);
    for (let b = 0; b < branchCount[lane]!; b++) {
      const place = forks.next(at, b);
      branchPlace[lane * width + b] = place;
      branchLink[lane * width + b] = routes.links[routes.begin[routeOf[packet]!]! + place]!;
      branchChannel[lane * width + b] = -1;
      sent[lane * width + b] = 0;
    }
  };

  const put: FlitLanes["put"] = (lane, packet, place, cycle) => {
    const at = slot(lane, size[lane]!++);
    ready[at] = cycle;
    flitPacket[at] = packet;
    flitPlace[at] = place;
    credits[lane]!--;
    if (front[lane]! >= 0) return;
    bringToFront(lane);
    active.add(lane);
  };

  /** Forgets flits that have left on every branch. */
  const drop = (lane: number, cycle: number, pause: number): void => {
    let least = Infinity;
    for (let b = 0; b < branchCount[lane]!; b++) least = Math.min(least, sent[lane * width + b]!);
    for (; gone[lane]! < least; gone[lane]!++) {
      head[lane] = (head[lane]! + 1) % depth;
      size[lane]!--;
      returning[(cycle + creditCycles) % returning.length]!.push(lane);
    }
    if (gone[lane]! < flitsOf[front[lane]!]!) return;
    front[lane] = -1;
    from[lane] = cycle + pause;
    if (size[lane]! > 0) bringToFront(lane);
    else active.remove(lane);
  };

  const isSink = (branch: number): boolean => {
    const lane = Math.floor(branch / width);
    const first = routes.begin[routeOf[front[lane]!]!]!;
    return forks.count(first + branchPlace[branch]!) === 0;
  };
  const laneOf = (branch: number): number =>
    branchLink[branch]! * channels + branchChannel[branch]!;

  return {
    channels,
    forks,
    active,
    isSink,
    put,
    packetOf: (lane) => front[lane]!,
    firstBranch: (lane) => lane * width,
    branches: (lane) => branchCount[lane]!,
    linkOf: (branch) => branchLink[branch]!,
    wantsChannel: (lane, branch, cycle) =>
      branchChannel[branch] === -1 &&
      sent[branch] === 0 &&
      from[lane]! <= cycle &&
      (gone[lane]! > 0 || ready[slot(lane, 0)]! - 1 <= cycle),
    isFree: (lane) => isTaken[lane] === 0,
    give: (branch, channel, cycle) => {
      branchChannel[branch] = channel;
      branchFrom[branch] = cycle + 1;
      isTaken[branchLink[branch]! * channels + channel] = 1;
    },
    canMove: (lane, branch, cycle) => {
      if (branchChannel[branch]! < 0 || branchFrom[branch]! > cycle) return false;
      const flit = sent[branch]! - gone[lane]!;
      if (flit >= size[lane]! || flitPacket[slot(lane, flit)] !== front[lane]) return false;
      if (ready[slot(lane, flit)]! > cycle) return false;
      return isSink(branch) || credits[laneOf(branch)]! > 0;
    },
    move: (lane, branch, cycle) => {
      const packet = front[lane]!;
      const link = branchLink[branch]!;
      const into = laneOf(branch);
      if (!isSink(branch)) put(into, packet, branchPlace[branch]!, cycle + hop[link]!);
      const isTail = ++sent[branch]! === flitsOf[packet]!;
      if (isTail) {
        isTaken[into] = 0;
        branchChannel[branch] = -1;
      }
      drop(lane, cycle, Math.max(1, hop[link]! - 3));
      return isTail;
    },
    hasCredit: (lane) => credits[lane]! > 0,
    returnCredits: (cycle) => {
      const lanes = returning[cycle % returning.length]!;
      for (const lane of lanes) credits[lane]!++;
      lanes.length = 0;
    },
    openPacket: (packet, flits, route) => {
      flitsOf[packet] = flits;
      routeOf[packet] = route;
    },
  };
}

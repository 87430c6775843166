import type { FlitLanes } from "./flit-lanes.ts";
import { createActiveSet } from "./flit-lanes.ts";

/** Gives lanes of links to packets. */
export interface ChannelAllocator {
  readonly allocate: (cycle: number) => void;
}

/**
 * One round: each branch without a lane asks for all free lanes of its link, each of those chooses
 * one asker, each asker accepts one of what it got; who has been served goes to the back.
 */
export function createChannelAllocator(
  lanes: FlitLanes,
  linkCount: number,
  channels: number,
): ChannelAllocator {
  const laneCount = linkCount * channels;
  const asked = createActiveSet(linkCount);
  const askers = Array.from({ length: linkCount }, (): { lane: number; branch: number }[] => []);
  const firstAsker = new Int32Array(laneCount);
  const firstChannel = new Int32Array(laneCount);

  const ask = (cycle: number): void => {
    for (let i = 0; i < lanes.active.size(); i++) {
      const lane = lanes.active.at(i);
      const first = lanes.firstBranch(lane);
      for (let branch = first; branch < first + lanes.branches(lane); branch++) {
        if (!lanes.wantsChannel(lane, branch, cycle)) continue;
        askers[lanes.linkOf(branch)]!.push({ lane, branch });
        asked.add(lanes.linkOf(branch));
      }
    }
  };

  /** Which asker each free lane of the link chooses, accepted by turns. */
  const match = (link: number, cycle: number): void => {
    const all = askers[link]!;
    const chosen: number[] = [];
    for (let v = 0; v < channels; v++) {
      const lane = link * channels + v;
      chosen.push(lanes.isFree(lane) ? nextInTurn(all, firstAsker[lane]!, laneCount) : -1);
    }
    all.forEach(({ lane, branch }, asker) => {
      for (let turn = 0; turn < channels; turn++) {
        const v = (firstChannel[lane]! + turn) % channels;
        if (chosen[v] !== asker) continue;
        lanes.give(branch, v, cycle);
        firstChannel[lane] = (v + 1) % channels;
        firstAsker[link * channels + v] = lane + 1;
        return;
      }
    });
    all.length = 0;
  };

  return {
    allocate: (cycle) => {
      ask(cycle);
      while (asked.size() > 0) {
        const link = asked.at(asked.size() - 1);
        match(link, cycle);
        asked.remove(link);
      }
    },
  };
}

/** Index of the asker whose lane comes first from that number on, around the end. */
function nextInTurn(
  askers: readonly { readonly lane: number }[],
  first: number,
  size: number,
): number {
  let best = -1;
  let least = Infinity;
  askers.forEach(({ lane }, i) => {
    const distance = (lane - first + size) % size;
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

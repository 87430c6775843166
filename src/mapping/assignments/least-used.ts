import type { AssignmentStrategy } from "../assignment.ts";
import { smallestTiles } from "./smallest-tiles.ts";

/** The tiles that are expected to be read least so far; which experts fire together does not matter. */
export const leastUsed: AssignmentStrategy = {
  summary: "the tiles that are expected to be read least often so far",
  assign: ({ owners, read_ps, tiles, tiers }) => {
    const tile = new Int32Array(read_ps.length);
    const reads = new Float64Array(tiles);
    const free = new Int32Array(tiles).fill(tiers);
    for (const { uses, firstItem, endItem } of owners) {
      for (let item = firstItem; item < endItem; ) {
        const best = smallestTiles(reads, free, endItem - item);
        for (const t of best) {
          tile[item++] = t;
          reads[t]! += uses;
          free[t]!--;
        }
      }
    }
    return tile;
  },
};

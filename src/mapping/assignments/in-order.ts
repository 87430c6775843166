import type { AssignmentStrategy } from "../assignment.ts";

/** Tile after tile, round and round: neighbouring blocks are on different tiles. */
export const inOrder: AssignmentStrategy = {
  summary: "tile after tile, in the order of layers and experts",
  assign: ({ read_ps, tiles }) => Int32Array.from(read_ps, (_, item) => item % tiles),
};

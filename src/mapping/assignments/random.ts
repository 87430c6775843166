import { shuffle } from "../../random/philox.ts";
import type { AssignmentStrategy } from "../assignment.ts";

/** What a strategy has to beat: any crossbar is as good as another. */
export const random: AssignmentStrategy = {
  summary: "crossbars drawn at random",
  assign: ({ read_ps, tiles, tiers, seed }) => {
    const order = shuffle(tiles * tiers, {
      seed,
      matrix: 0,
      block: 0,
      purpose: "assignment",
      row: 0,
    });
    return Int32Array.from(read_ps, (_, item) => Math.floor(order[item]! / tiers));
  },
};

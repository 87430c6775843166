import { risesOfExperts } from "../by-rise.ts";
import { protectHighest } from "../protect.ts";
import type { PlacementStrategy } from "../strategy.ts";

/**
 * Whole experts by the predicted loss rise of their three matrices. Rises of different layers are
 * in one unit, so there is one ranking over the model.
 */
export const fisherExperts: PlacementStrategy = {
  summary: "experts with the largest predicted loss rise digital",
  needs: ["predicted-rise"],
  takesFraction: true,
  fractionOf: "the routed experts of the model that are digital",
  place: (problem) => protectHighest({ ...problem, ranking: "global" }, risesOfExperts(problem)),
};

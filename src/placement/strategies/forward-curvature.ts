import { protectHighest, requiredScores } from "../protect.ts";
import type { PlacementStrategy } from "../strategy.ts";

/** Scores of different layers are in one unit, so that there is one ranking over the model. */
export const forwardCurvature: PlacementStrategy = {
  summary: "experts whose noise costs most by a curvature from forward passes alone digital",
  needs: ["forward-curvature"],
  takesFraction: true,
  fractionOf: "the routed experts of the model that are digital",
  place: (problem) =>
    protectHighest({ ...problem, ranking: "global" }, requiredScores(problem, "forward-curvature")),
};

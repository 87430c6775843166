import { protectHighest, requiredScores } from "../protect.ts";
import type { PlacementStrategy } from "../strategy.ts";

/** Scores of different layers are in one unit, so that there is one ranking over the model. */
export const measuredSensitivity: PlacementStrategy = {
  summary: "experts whose noise alone, measured one by one, changes the output most digital",
  needs: ["measured-sensitivity"],
  takesFraction: true,
  fractionOf: "the routed experts of the model that are digital",
  place: (problem) =>
    protectHighest(
      { ...problem, ranking: "global" },
      requiredScores(problem, "measured-sensitivity"),
    ),
};

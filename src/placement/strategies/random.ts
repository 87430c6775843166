import { shuffle } from "../../random/philox.ts";
import { expertsOfLayers, protectHighest } from "../protect.ts";
import type { PlacementStrategy } from "../strategy.ts";

/** Protects experts drawn without regard to anything: what a rule has to beat. */
export const random: PlacementStrategy = {
  summary: "experts drawn at random digital",
  needs: [],
  takesFraction: true,
  place: (problem) =>
    protectHighest(
      problem,
      expertsOfLayers(problem.matrices).map((experts, layer) => [
        ...shuffle(experts, {
          seed: problem.seed,
          matrix: layer,
          block: 0,
          purpose: "placement",
          row: 0,
        }),
      ]),
    ),
};

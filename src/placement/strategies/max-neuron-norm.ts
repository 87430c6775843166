import { protectHighest, requiredScores } from "../protect.ts";
import type { PlacementStrategy } from "../strategy.ts";

/**
 * Protects experts whose largest neurons have the largest norms: they suffer most from weight noise.
 *
 * @source Chowdhury et al., arXiv 2603.02633 (2026), MaxNNScore.
 */
export const maxNeuronNorm: PlacementStrategy = {
  summary: "experts with the largest max neuron norm digital",
  needs: ["max-neuron-norm"],
  takesFraction: true,
  place: (problem) => protectHighest(problem, requiredScores(problem, "max-neuron-norm")),
};

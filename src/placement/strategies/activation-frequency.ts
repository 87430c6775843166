import { protectHighest, requiredScores } from "../protect.ts";
import type { PlacementStrategy } from "../strategy.ts";

/**
 * Protects experts that a calibration text chooses most often.
 *
 * @source Baseline of Chowdhury et al., arXiv 2603.02633 (2026).
 */
export const activationFrequency: PlacementStrategy = {
  summary: "experts that tokens choose most often digital",
  needs: ["activation-frequency"],
  takesFraction: true,
  place: (problem) => protectHighest(problem, requiredScores(problem, "activation-frequency")),
};

import { protectHighest, requiredScores } from "../protect.ts";
import type { PlacementStrategy } from "../strategy.ts";

/**
 * Protects experts with the largest sum of gate weights over a calibration text.
 *
 * @source Baseline of Chowdhury et al., arXiv 2603.02633 (2026).
 */
export const activationWeight: PlacementStrategy = {
  summary: "experts with the largest sum of gate weights digital",
  needs: ["activation-weight"],
  takesFraction: true,
  place: (problem) => protectHighest(problem, requiredScores(problem, "activation-weight")),
};

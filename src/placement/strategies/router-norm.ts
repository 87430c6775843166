import { protectHighest, requiredScores } from "../protect.ts";
import type { PlacementStrategy } from "../strategy.ts";

/**
 * Protects experts whose row of the router has the largest norm.
 *
 * @source Baseline of Chowdhury et al., arXiv 2603.02633 (2026).
 */
export const routerNorm: PlacementStrategy = {
  summary: "experts with the largest router row norm digital",
  needs: ["router-norm"],
  takesFraction: true,
  place: (problem) => protectHighest(problem, requiredScores(problem, "router-norm")),
};

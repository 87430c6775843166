import { protectHighest, requiredScores } from "../protect.ts";
import type { PlacementStrategy } from "../strategy.ts";

/**
 * Protects experts whose router row changed least in training: made for quantisation, where rarely
 * used experts are protected; a rival.
 *
 * @source arXiv 2604.06515 (ICLR 2026).
 */
export const routerNormChange: PlacementStrategy = {
  summary: "experts whose router row norm changed least since another checkpoint digital",
  needs: ["router-norm-change"],
  takesFraction: true,
  place: (problem) =>
    protectHighest(
      problem,
      requiredScores(problem, "router-norm-change").map((ofLayer) => ofLayer.map((x) => -x)),
    ),
};

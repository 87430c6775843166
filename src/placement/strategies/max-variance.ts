import { protectHighest, requiredScores } from "../protect.ts";
import type { PlacementStrategy } from "../strategy.ts";

/** How many times the variance must be larger for an expert to go ahead of another. */
const ZETA = 3;

/**
 * Experts by the norm of their router row, smallest first; then each moves ahead of those before it
 * as long as their variance is more than `ZETA` times smaller.
 *
 * @returns expert numbers, first to protect first
 */
function orderOf(routerNorms: readonly number[], variances: readonly number[]): number[] {
  const byNorm = [...routerNorms.keys()].sort((a, b) => routerNorms[a]! - routerNorms[b]! || a - b);
  const order: number[] = [];
  for (const expert of byNorm) {
    let place = order.length;
    while (place > 0 && variances[order[place - 1]!]! * ZETA < variances[expert]!) place--;
    order.splice(place, 0, expert);
  }
  return order;
}

/**
 * A rule that was made for quantisation, where rarely used experts are protected: a rival.
 *
 * @source arXiv 2604.06515 (ICLR 2026), MaxVar reordering with zeta = 3 over the norms of the
 *   router, which stand in for their change in training.
 */
export const maxVariance: PlacementStrategy = {
  summary: "experts with small router norms digital, those with a large gate variance ahead",
  needs: ["router-norm", "max-variance"],
  takesFraction: true,
  place: (problem) => {
    const norms = requiredScores(problem, "router-norm");
    const variances = requiredScores(problem, "max-variance");
    const scores = norms.map((ofLayer, layer) => {
      const places: number[] = [];
      orderOf(ofLayer, variances[layer]!).forEach((expert, place) => {
        places[expert] = -place;
      });
      return places;
    });
    return protectHighest(problem, scores);
  },
};

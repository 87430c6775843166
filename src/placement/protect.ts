import { ALWAYS_DIGITAL, type Module, type WeightMatrix } from "../model/matrix.ts";
import type { Target } from "../model/placement.ts";
import type { ExpertScores, PlacementProblem } from "./strategy.ts";

/**
 * Modules that every token uses: attention, LM head, shared experts, and the feed-forward part of
 * layers without experts.
 */
const DENSE: readonly Module[] = ["attention", "lm-head", "shared", "dense"];

/** Modules that are digital whenever densely used modules are. */
const DENSE_DIGITAL = new Set<Module>([...ALWAYS_DIGITAL, ...DENSE]);

/** Is the matrix of a module that the literature keeps digital because every token uses it? */
export const isDenselyUsed = ({ module }: WeightMatrix): boolean => DENSE_DIGITAL.has(module);

/**
 * How many of `experts` experts a share stands for: the nearest count, ties up.
 *
 * The tiny tolerance makes 0.145 x 100 a tie although its product is just below in binary.
 */
export const countOfShare = (share: number, experts: number): number =>
  Math.min(experts, Math.floor(share * experts + 0.5 + 1e-9));

/**
 * Densely used modules digital, and of the routed experts the share `fraction` with the highest
 * scores; the rest analog.
 *
 * Ranked within each layer, or over the whole model at once. Ties go to the lower layer and expert.
 */
export function protectHighest(problem: PlacementProblem, scores: ExpertScores): Target[] {
  const digital = chosenExperts(problem, scores);
  return problem.matrices.map((matrix) =>
    isDenselyUsed(matrix) || digital.has(expertKey(matrix.layer, matrix.expert))
      ? "digital"
      : "analog",
  );
}

/** One number for an expert of a layer; layers hold fewer than 2^20 experts. */
const expertKey = (layer: number, expert: number): number => layer * 2 ** 20 + expert;

function chosenExperts(
  { fraction, ranking }: PlacementProblem,
  scores: ExpertScores,
): ReadonlySet<number> {
  const ranked = scores.map((ofLayer, layer) =>
    ofLayer.map((score, expert) => ({ key: expertKey(layer, expert), score })),
  );
  const groups = ranking === "layer" ? ranked : [ranked.flat()];
  const chosen = groups.flatMap((group) =>
    group
      .sort((a, b) => b.score - a.score || a.key - b.key)
      .slice(0, countOfShare(fraction, group.length)),
  );
  return new Set(chosen.map(({ key }) => key));
}

/** Number of routed experts of each layer, from the matrices. */
export function expertsOfLayers(matrices: readonly WeightMatrix[]): number[] {
  const counts: number[] = [];
  for (const { module, layer, expert } of matrices) {
    if (layer < 0) continue;
    counts[layer] = Math.max(counts[layer] ?? 0, module === "expert" ? expert + 1 : 0);
  }
  return counts;
}

/** The scores of the strategy; a caller that left them out made a mistake. */
export function requiredScores(
  problem: PlacementProblem,
  name: keyof PlacementProblem["scores"],
): ExpertScores {
  const scores = problem.scores[name];
  if (scores === undefined) throw new Error(`the problem lacks the scores "${name}"`);
  return scores;
}

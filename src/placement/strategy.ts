import type { WeightMatrix } from "../model/matrix.ts";
import type { Target } from "../model/placement.ts";

/** Scores of the routed experts, [layer][expert]; layers without experts are empty. */
export type ExpertScores = readonly (readonly number[])[];

/** Which scores a strategy may ask for. */
export const SCORE_NAMES = [
  "max-neuron-norm",
  "router-norm",
  "max-variance",
  "activation-frequency",
  "activation-weight",
  "router-norm-change",
  "measured-sensitivity",
  "forward-curvature",
] as const;
export type ScoreName = (typeof SCORE_NAMES)[number];

/** What a strategy may need beside the matrices: scores of experts, or the rise of every matrix. */
export type Need = ScoreName | "predicted-rise";

/** All that a strategy may look at. */
export interface PlacementProblem {
  readonly matrices: readonly WeightMatrix[];
  /** Share of the routed experts of each layer that are to be digital; 0 to 1. */
  readonly fraction: number;
  readonly ranking: "layer" | "global";
  /** The scores that the strategy `needs`. */
  readonly scores: Partial<Readonly<Record<ScoreName, ExpertScores>>>;
  /**
   * Predicted rise of the mean NLL when a matrix alone is analog, one a matrix, >= 0; 0 for those
   * that are digital in every placement. There for strategies that need "predicted-rise".
   */
  readonly predictedRises_nats?: readonly number[];
  readonly seed: number;
}

export interface PlacementStrategy {
  readonly summary: string;
  /** Without these the strategy cannot work. */
  readonly needs: readonly Need[];
  /** Does `NAME:FRACTION` mean something? */
  readonly takesFraction: boolean;
  /** What the fraction is a share of; left out: the routed experts of each layer that are digital. */
  readonly fractionOf?: string;
  /** Pure: the same problem gives the same placement. One target per matrix. */
  readonly place: (problem: PlacementProblem) => readonly Target[];
  /** For people: how good the choice is, such as how far from the best it may be. */
  readonly explain?: (problem: PlacementProblem) => string;
}

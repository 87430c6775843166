import type { WeightMatrix } from "../model/matrix.ts";
import type { Target } from "../model/placement.ts";

/** Scores of the routed experts, [layer][expert]; layers without experts are empty. */
export type ExpertScores = readonly (readonly number[])[];

/** Which scores a strategy may ask for. */
export const SCORE_NAMES = [
  "max-neuron-norm",
  "router-norm",
  "activation-frequency",
  "activation-weight",
] as const;
export type ScoreName = (typeof SCORE_NAMES)[number];

/** All that a strategy may look at. */
export interface PlacementProblem {
  readonly matrices: readonly WeightMatrix[];
  /** Share of the routed experts of each layer that are to be digital; 0 to 1. */
  readonly fraction: number;
  readonly ranking: "layer" | "global";
  /** The scores that the strategy `needs`. */
  readonly scores: Partial<Readonly<Record<ScoreName, ExpertScores>>>;
  readonly seed: number;
}

export interface PlacementStrategy {
  readonly summary: string;
  /** Scores without which the strategy cannot work. */
  readonly needs: readonly ScoreName[];
  /** Does `NAME:FRACTION` mean something? */
  readonly takesFraction: boolean;
  /** Pure: the same problem gives the same placement. One target per matrix. */
  readonly place: (problem: PlacementProblem) => readonly Target[];
}

/** The rules of the study: from scores to placements, all at the same share of expert weights. */
import { ALWAYS_DIGITAL, type WeightMatrix } from "../../src/model/matrix.ts";
import type { Target } from "../../src/model/placement.ts";
import { strategies } from "../../src/placement/index.ts";
import type {
  ExpertScores,
  PlacementProblem,
  PlacementStrategy,
} from "../../src/placement/strategy.ts";
import type { Scores } from "./model.ts";

export interface Basis {
  readonly matrices: readonly WeightMatrix[];
  readonly scores: Scores;
  readonly rises: readonly number[];
}

/** A rule decides from the basis, the share of expert weights that is digital, and the seed. */
export type Rule = (basis: Basis, share: number, seed: number) => readonly Target[];

const problemOf = (
  { matrices, scores, rises }: Basis,
  fraction: number,
  seed: number,
): PlacementProblem => ({
  ...{ matrices, fraction, seed, scores, ranking: "layer" },
  predictedRises_nats: rises,
});

const rule =
  (strategy: PlacementStrategy, change: Partial<PlacementProblem> = {}): Rule =>
  (basis, share, seed) =>
    strategy.place({ ...problemOf(basis, share, seed), ...change });

const withNorms =
  (name: string): Rule =>
  (basis, share, seed) => {
    const norms: ExpertScores = basis.scores[name]!;
    const scores = { ...basis.scores, "max-neuron-norm": norms };
    return rule(strategies["max-neuron-norm"])({ ...basis, scores }, share, seed);
  };

/** The share of all weights that dense-digital with the experts of the other rules has. */
const equalShare: Rule = (basis, share, seed) =>
  rule(strategies.optimal)(basis, digitalShare(basis.matrices, share), seed);

/** Rules that choose among experts; `random` draws anew with every seed. */
export const CHOOSING: Readonly<Record<string, Rule>> = {
  random: rule(strategies.random),
  "max-neuron-norm": rule(strategies["max-neuron-norm"]),
  "router-norm": rule(strategies["router-norm"]),
  "max-variance": rule(strategies["max-variance"]),
  "activation-frequency": rule(strategies["activation-frequency"]),
  "activation-weight": rule(strategies["activation-weight"]),
  "forward-curvature": rule(strategies["forward-curvature"]),
  "measured-sensitivity": rule(strategies["measured-sensitivity"]),
  "fisher-experts": rule(strategies["fisher-experts"]),
  "fisher-matrices": rule(strategies["fisher-matrices"]),
};

/** Those of the goal table: the same, variants of the norm, and the choice over the whole model. */
export const GOAL_RULES: Readonly<Record<string, Rule>> = {
  "dense-digital": rule(strategies["dense-digital"]),
  ...CHOOSING,
  "max-neuron-norm (rows)": withNorms("max-neuron-norm-row"),
  "max-neuron-norm (global)": rule(strategies["max-neuron-norm"], { ranking: "global" }),
  optimal: equalShare,
};

export const MODULE_RULES: Readonly<Record<string, Rule>> = {
  "all-analog": rule(strategies["all-analog"]),
  "attention-digital": rule(strategies["attention-digital"]),
  "head-digital": rule(strategies["head-digital"]),
  "shared-digital": rule(strategies["shared-digital"]),
  "dense-layers-digital": rule(strategies["dense-layers-digital"]),
  "dense-digital": rule(strategies["dense-digital"]),
};

export const RULES: Readonly<Record<string, Rule>> = { ...GOAL_RULES, ...MODULE_RULES };

const mayBeAnalog = ({ module }: WeightMatrix): boolean => !ALWAYS_DIGITAL.includes(module);

/** Share of the weights that may be analog, when all but 1 - share of the experts are digital. */
export function digitalShare(matrices: readonly WeightMatrix[], share: number): number {
  const size = (of: readonly WeightMatrix[]): number =>
    of.reduce((sum, m) => sum + m.inputs * m.outputs, 0);
  const expert = size(matrices.filter(({ module }) => module === "expert"));
  return 1 - ((1 - share) * expert) / size(matrices.filter(mayBeAnalog));
}

/** Kind of tile of each matrix; -1: digital. */
export const tileKindsOf = (
  matrices: readonly WeightMatrix[],
  targets: readonly Target[],
  kind: number,
): Int32Array =>
  Int32Array.from(targets, (target, id) =>
    target === "analog" && mayBeAnalog(matrices[id]!) ? kind : -1,
  );

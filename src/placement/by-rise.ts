/** Choices by the predicted rise of the loss that a matrix causes when it is analog. */
import type { WeightMatrix } from "../model/matrix.ts";
import type { Target } from "../model/placement.ts";
import { type Selection, selectMostValue } from "./select.ts";
import type { ExpertScores, PlacementProblem } from "./strategy.ts";

/** Parameters of a matrix. */
export const sizeOf = ({ inputs, outputs }: WeightMatrix): number => inputs * outputs;

/** The rises, in the order of the matrices; a caller that left them out made a mistake. */
export function requiredRises({
  predictedRises_nats,
}: Pick<PlacementProblem, "predictedRises_nats">): readonly number[] {
  if (predictedRises_nats === undefined) throw new Error("the problem lacks predicted rises");
  return predictedRises_nats;
}

/** A choice of single matrices under a budget of parameters. */
export interface MatrixChoice {
  readonly targets: readonly Target[];
  readonly selection: Selection;
  /** What the candidates add up to when all of them are analog. */
  readonly all_nats: number;
}

/**
 * Of the candidates, those digital that take most of the predicted rise away, within `fraction` of
 * the candidates' parameters; the other candidates analog.
 *
 * The tiny tolerance keeps 0.29 x 100 from being 28.999...
 *
 * @param others where matrices that are no candidates go
 */
export function protectMatrices(
  problem: PlacementProblem,
  isCandidate: (matrix: WeightMatrix) => boolean,
  others: Target,
): MatrixChoice {
  const rises = requiredRises(problem);
  const candidates = problem.matrices.filter(isCandidate);
  const items = candidates.map((m) => ({ value: rises[m.id]!, size: sizeOf(m) }));
  const parameters = items.reduce((sum, { size }) => sum + size, 0);
  const selection = selectMostValue(items, problem.fraction * parameters * (1 + 1e-12));
  const targets: Target[] = problem.matrices.map(() => others);
  candidates.forEach(({ id }, i) => {
    targets[id] = selection.isTaken[i] ? "digital" : "analog";
  });
  return { targets, selection, all_nats: items.reduce((sum, { value }) => sum + value, 0) };
}

/** Sum of the rises of gate, up and down of every routed expert. */
export function risesOfExperts(problem: PlacementProblem): ExpertScores {
  const rises = requiredRises(problem);
  const sums: number[][] = [];
  for (const { id, module, layer, expert } of problem.matrices) {
    if (layer < 0) continue;
    sums[layer] ??= [];
    if (module === "expert") sums[layer][expert] = (sums[layer][expert] ?? 0) + rises[id]!;
  }
  return sums;
}

/** "removes 0.1 of 0.4 nats predicted; no other choice removes more" */
export function describeChoice({ selection, all_nats }: MatrixChoice): string {
  const { value, upperBound, isExact } = selection;
  const removes = `removes ${value.toPrecision(4)} of ${all_nats.toPrecision(4)} nats of predicted loss rise`;
  if (isExact) return `${removes}; no choice within the budget removes more`;
  const gap = value === 0 ? 0 : (100 * (upperBound - value)) / value;
  return `${removes}; no choice within the budget removes more than ${upperBound.toPrecision(4)} (gap ${gap.toPrecision(2)} %)`;
}

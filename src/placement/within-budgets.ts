/** The least predicted loss within budgets of report fields. */
import { excessOf } from "./budget.ts";
import type { BudgetChoice, BudgetProblem, Evaluated, NoChoice } from "./budget-problem.ts";
import { type Estimate, firstEstimate, programmeFor, scaled } from "./budget-programme.ts";
import { improve } from "./improve.ts";
import type { ProgrammeResult, ProgrammeSolver } from "./integer-programme.ts";
import { leastUse } from "./least-use.ts";

/** Placements that are really evaluated, at most. */
const MOST_ROUNDS = 8;
/** Good enough to stop: what may be missing of what is removed, as a share. */
const CLOSE = 1e-3;
/** What a margin grows by at most, as a share of the limit: a tangent from afar says little. */
const MOST_MARGIN = 0.02;

interface Candidate {
  readonly isAnalog: Uint8Array;
  readonly rise_nats: number;
  readonly evaluated: Evaluated;
}

/**
 * Chooses the digital matrices that take most of the predicted rise away while every budget is really
 * kept.
 *
 * An integer programme chooses by the estimate; the choice is evaluated; the estimate is corrected
 * there, and so on, until no choice can be better by much. A budget that is no linear inequality is
 * taken for its tangent at the last choice, with a margin where that was too kind.
 */
export function chooseWithinBudgets(
  problem: BudgetProblem,
  solve: ProgrammeSolver,
): BudgetChoice | NoChoice {
  const first = firstEstimate(problem);
  const { best, estimate } = searchByRounds(problem, first, solve);
  if (best !== null) return describe(problem, best, estimate, solve);
  const least = leastUse(problem, estimate, solve);
  if (!("isAnalog" in least)) return least;
  const start = { ...least, rise_nats: riseOf(problem, least.isAnalog) };
  const known = corrected(problem, estimate, start);
  const better = candidateOf(problem, improved(problem, known, least.isAnalog));
  const best_ = better !== null && isWithin(problem, better) ? better : start;
  return describe(problem, best_, corrected(problem, estimate, best_), solve);
}

interface Search {
  readonly best: Candidate | null;
  /** As corrected at the best, or at the last one. */
  readonly estimate: Estimate;
}

function searchByRounds(problem: BudgetProblem, first: Estimate, solve: ProgrammeSolver): Search {
  let estimate = first;
  let found: Search = { best: null, estimate };
  const seen = new Set<string>();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { programme, isBound } = programmeFor(problem, estimate);
    const solved = solve(programme);
    if (!solved.isFeasible) break;
    if (found.best !== null && isBound && isClose(problem, found.best, solved.lowerBound)) break;
    const isAnalog = improved(problem, estimate, matricesOf(problem, solved.values));
    const key = isAnalog.join("");
    const candidate = seen.has(key) ? null : candidateOf(problem, isAnalog);
    if (candidate === null) break;
    seen.add(key);
    estimate = corrected(problem, estimate, candidate);
    if (!isWithin(problem, candidate)) continue;
    if (found.best === null || candidate.rise_nats < found.best.rise_nats)
      found = { best: candidate, estimate };
  }
  return found.best === null ? { best: null, estimate } : filledUp(problem, found);
}

/** What is left of the budgets, spent matrix by matrix. */
function filledUp(problem: BudgetProblem, found: Search): Search {
  const { best, estimate } = found;
  if (best === null) return found;
  const more = candidateOf(problem, improved(problem, estimate, best.isAnalog));
  if (more === null || !isWithin(problem, more) || more.rise_nats >= best.rise_nats) return found;
  return { best: more, estimate: corrected(problem, estimate, more) };
}

const matricesOf = ({ rises_nats }: BudgetProblem, values: Float64Array): Uint8Array =>
  Uint8Array.from(rises_nats, (_, id) => Math.round(values[id]!));

const riseOf = ({ rises_nats }: BudgetProblem, isAnalog: Uint8Array): number =>
  rises_nats.reduce((sum, rise, id) => sum + rise * isAnalog[id]!, 0);

const allOf = ({ rises_nats, programme }: BudgetProblem): number =>
  rises_nats.reduce((sum, rise, id) => sum + rise * programme.variables[id]!.most, 0);

const isWithin = ({ budgets }: BudgetProblem, { evaluated }: Candidate): boolean =>
  budgets.every((budget) => excessOf(budget, evaluated.fields) <= 0);

function candidateOf(problem: BudgetProblem, isAnalog: Uint8Array): Candidate | null {
  const evaluated = problem.evaluate(isAnalog);
  if (typeof evaluated === "string") return null;
  return { isAnalog, rise_nats: riseOf(problem, isAnalog), evaluated };
}

/** Is what may be missing a small share of what is removed? */
const isClose = (problem: BudgetProblem, best: Candidate, lowerBound: number): boolean =>
  best.rise_nats - lowerBound <= CLOSE * (allOf(problem) - lowerBound);

function improved(problem: BudgetProblem, estimate: Estimate, isAnalog: Uint8Array): Uint8Array {
  const { budgets, fieldsOf } = problem;
  return improve(problem, isAnalog, (meter) => {
    if (!meter.fits()) return false;
    const fields = fieldsOf(scaled(meter.quantities(), estimate.scale));
    return budgets.every((b, i) => excessOf(b, fields) + estimate.margins[i]! <= 0);
  });
}

/**
 * The estimate, made right at a placement.
 *
 * A budget that is broken for the second time, or by no more than the solver's tolerance, gets a margin.
 */
function corrected(
  { budgets, meter }: BudgetProblem,
  { margins, broken }: Estimate,
  { isAnalog, evaluated: { quantities, fields } }: Candidate,
): Estimate {
  const estimated = meter(isAnalog).quantities();
  const scale: Record<string, number> = {};
  for (const [name, value] of Object.entries(estimated))
    scale[name] = value === 0 ? 1 : quantities[name]! / value;
  const excess = budgets.map((budget) => excessOf(budget, fields));
  return {
    scale,
    point: quantities,
    margins: budgets.map(({ limit }, i) => {
      const own = excess[i]!;
      if (own <= 0) return -own > margins[i]! ? 0 : margins[i]! / 2;
      const isSlight = own <= 1e-5 * Math.abs(limit);
      const again = broken[i]! > 0 ? Math.min(own, MOST_MARGIN * Math.abs(limit)) : 0;
      return margins[i]! + (isSlight ? 2 * own : again);
    }),
    broken: excess.map((own, i) => (own > 0 ? broken[i]! + 1 : 0)),
  };
}

function describe(
  problem: BudgetProblem,
  { isAnalog, rise_nats, evaluated }: Candidate,
  estimate: Estimate,
  solve: ProgrammeSolver,
): BudgetChoice {
  const all_nats = allOf(problem);
  const { programme, left } = programmeFor(problem, estimate, "bound");
  const least_nats = lowerBoundOf(solve(programme), rise_nats);
  return {
    isAnalog,
    removed_nats: all_nats - rise_nats,
    all_nats,
    bound_nats: all_nats - least_nats,
    isEstimated: Object.values(estimate.scale).some((scale) => Math.abs(scale - 1) > 1e-9),
    unbounded: left,
    values: problem.budgets.map((budget) => budget.evaluate(evaluated.fields)!),
  };
}

/** A rise is never negative: that is the bound where the solver has none. */
function lowerBoundOf(solved: ProgrammeResult, rise_nats: number): number {
  if (solved.isFeasible) return Math.min(solved.lowerBound, rise_nats);
  return solved.isProven ? rise_nats : 0;
}

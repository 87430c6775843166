/** The placement that is nearest to budgets which are hard to keep, or cannot be kept. */
import { combine } from "../model/integer-programme.ts";
import { type Budget, excessOf } from "./budget.ts";
import type { BudgetProblem, Evaluated, NoChoice } from "./budget-problem.ts";
import { boxOf, type Estimate, keptRow, linearFor, scaled } from "./budget-programme.ts";
import { MOST_NODES, type ProgrammeSolver } from "./integer-programme.ts";

/** An expression may be a ratio: its least value is found in steps. */
const MOST_STEPS = 6;

interface Found {
  readonly isAnalog: Uint8Array;
  readonly evaluated: Evaluated;
}

/**
 * Makes each budget's expression as small as it can be while those before it are kept.
 *
 * @returns a placement that keeps them all, or the first budget that cannot be kept
 */
export function leastUse(
  problem: BudgetProblem,
  estimate: Estimate,
  solve: ProgrammeSolver,
): Found | NoChoice {
  const known = { ...estimate, point: estimate.point ?? boxOf(problem).most };
  const kept: Budget[] = [];
  let found: Found | null = null;
  for (const budget of problem.budgets) {
    const none = { budget, kept: kept.map(({ text }) => text), reachable: null };
    const isAnalog = smallest(problem, known, budget, kept, solve);
    if (typeof isAnalog === "string") return { ...none, reason: isAnalog };
    const evaluated = problem.evaluate(isAnalog);
    if (typeof evaluated === "string") return { ...none, reason: evaluated };
    const broken = [...kept, budget].find((b) => excessOf(b, evaluated.fields) > 0);
    if (broken !== undefined)
      return {
        budget: broken,
        kept: kept.filter((b) => b !== broken).map(({ text }) => text),
        reachable: broken.evaluate(evaluated.fields),
        reason: null,
      };
    found = { isAnalog, evaluated };
    kept.push(budget);
  }
  if (found === null) throw new Error("no budgets");
  return found;
}

/** @returns a reason where nothing is found that keeps the others */
function smallest(
  problem: BudgetProblem,
  estimate: Estimate,
  budget: Budget,
  kept: readonly Budget[],
  solve: ProgrammeSolver,
): Uint8Array | string {
  const { programme, rises_nats, fieldsOf, meter } = problem;
  const rows = kept.flatMap((own) => {
    const linear = linearFor(problem, own, estimate, true);
    return linear === null ? [] : [keptRow(problem, linear, estimate, true)];
  });
  let best: { readonly isAnalog: Uint8Array; readonly excess: number } | null = null;
  let [now, goal] = [estimate, budget];
  for (let step = 0; step < MOST_STEPS; step++) {
    const linear = linearFor(problem, goal, now, true);
    if (linear === null) break;
    const { variables } = programme;
    const objective = combine([[-1, keptRow(problem, linear, now, true)]]);
    const solved = solve({ variables, rows: [...programme.rows, ...rows], objective });
    if (!solved.isFeasible) return best?.isAnalog ?? nothing(solved.isProven);
    const isAnalog = Uint8Array.from(rises_nats, (_, id) => Math.round(solved.values[id]!));
    const quantities = scaled(meter(isAnalog).quantities(), estimate.scale);
    const excess = excessOf(budget, fieldsOf(quantities));
    if (best !== null && !(excess < best.excess)) break;
    best = { isAnalog, excess };
    now = { ...estimate, point: quantities };
    goal = { ...budget, limit: budget.limit + (budget.sense === "<=" ? excess : -excess) };
  }
  return best?.isAnalog ?? nothing(true);
}

const nothing = (isProven: boolean): string =>
  isProven
    ? "no placement fits the chip"
    : `no placement was found within ${MOST_NODES} nodes of the solver's search`;

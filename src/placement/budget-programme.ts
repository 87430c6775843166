/** Budgets and an estimate as an integer programme. */
import { type Affine, combine, type IntegerProgramme } from "../model/integer-programme.ts";
import {
  type Box,
  type Budget,
  type LinearBudget,
  linearBudget,
  type Quantities,
  sumOf,
} from "./budget.ts";
import type { BudgetProblem } from "./budget-problem.ts";

/** What is known about the estimate so far. */
export interface Estimate {
  /** Of each quantity: what it really is over what is estimated. */
  readonly scale: Quantities;
  /** Where tangents are taken; null: no placement is known. */
  readonly point: Quantities | null;
  /** By so much each budget is taken to be smaller, in its unit. [budgets] */
  readonly margins: readonly number[];
  /** How often each budget was broken, the last times. [budgets] */
  readonly broken: readonly number[];
}

export const firstEstimate = ({ programme, budgets }: BudgetProblem): Estimate => ({
  scale: Object.fromEntries(Object.keys(programme.quantities).map((name) => [name, 1])),
  point: null,
  margins: budgets.map(() => 0),
  broken: budgets.map(() => 0),
});

export const scaled = (quantities: Quantities, scale: Quantities): Quantities =>
  Object.fromEntries(
    Object.entries(quantities).map(([name, value]) => [name, value * scale[name]!]),
  );

/** A good deal more than what quantities of all matrices analog, and of all digital, are between. */
export function boxOf({ programme, meter, rises_nats }: BudgetProblem): Box {
  const [digital, analog] = [0, 1].map((flag) =>
    meter(
      Uint8Array.from(rises_nats, (_, id) => Math.min(flag, programme.variables[id]!.most)),
    ).quantities(),
  );
  const of = (pick: (a: number, b: number) => number): Quantities =>
    Object.fromEntries(
      Object.keys(programme.quantities).map((name) => [
        name,
        pick(digital![name]!, analog![name]!),
      ]),
    );
  return {
    least: of((a, b) => Math.min(a, b) / 2),
    most: of((a, b) => 2 * Math.max(a, b) || 1),
  };
}

export interface BudgetProgramme {
  readonly programme: IntegerProgramme;
  /** Does it leave no placement out that keeps the budgets, by the estimate? */
  readonly isBound: boolean;
  /** Budgets that are not in it. */
  readonly left: readonly string[];
}

/**
 * The programme of the best choice by an estimate.
 *
 * @param goal "choice" takes tangents and margins; "bound" leaves out what it cannot say exactly
 */
export function programmeFor(
  problem: BudgetProblem,
  estimate: Estimate,
  goal: "choice" | "bound" = "choice",
): BudgetProgramme {
  const { programme, budgets, rises_nats } = problem;
  const isChoice = goal === "choice";
  const linear = budgets.map((budget, i) =>
    linearFor(
      problem,
      isChoice ? tightened(budget, estimate.margins[i]!) : budget,
      estimate,
      isChoice,
    ),
  );
  const rows = linear.flatMap((own) =>
    own === null ? [] : [keptRow(problem, own, estimate, isChoice)],
  );
  const isExact = linear.every((own) => own?.isExact === true);
  return {
    programme: {
      variables: programme.variables,
      rows: [...programme.rows, ...rows],
      objective: {
        constant: 0,
        terms: new Map(rises_nats.flatMap((rise, id) => (rise === 0 ? [] : [[id, rise] as const]))),
      },
    },
    isBound: isExact && estimate.margins.every((margin) => margin === 0),
    left: budgets.filter((_, i) => linear[i]?.isExact !== true).map(({ text }) => text),
  };
}

const tightened = (budget: Budget, margin: number): Budget => ({
  ...budget,
  limit: budget.limit - (budget.sense === "<=" ? margin : -margin),
});

export const linearFor = (
  problem: BudgetProblem,
  budget: Budget,
  { point }: Estimate,
  takesTangent: boolean,
): LinearBudget | null =>
  linearBudget(budget, problem.fieldsOf, boxOf(problem), takesTangent ? point : null);

/**
 * At least 0 where the budget is kept.
 *
 * @param isFirm quantities that rows bound from below only do not count where they would help
 */
export function keptRow(
  { programme: { quantities, floored } }: BudgetProblem,
  { constant, gradient, isExact }: LinearBudget,
  { scale, point }: Estimate,
  isFirm: boolean,
): Affine {
  let fixed = constant;
  const own: Record<string, number> = {};
  for (const [name, slope] of Object.entries(gradient)) {
    if (isFirm && point !== null && slope < 0 && floored.includes(name))
      fixed += slope * point[name]!;
    else own[name] = slope;
  }
  return combine([[-1, sumOf({ constant: fixed, gradient: own, isExact }, quantities, scale)]]);
}

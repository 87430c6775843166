/** Budgets on a chip: the table estimates, the run's own level decides. */
import { createTableMeter } from "../evaluate/table-meter.ts";
import type { CostTable, NoTable } from "../evaluate/table-model.ts";
import { programmeOf } from "../evaluate/table-programme.ts";
import {
  type Quantities as CostQuantities,
  designFigures,
  fieldsOf,
  quantitiesOf,
} from "../evaluate/table-quantities.ts";
import type { Arch } from "../model/arch.ts";
import type { CostEvaluation } from "../model/evaluation.ts";
import { InputError } from "../model/issue.ts";
import type { Placement } from "../model/placement.ts";
import type { Budget } from "../placement/budget.ts";
import type { BudgetChoice, BudgetProblem, NoChoice } from "../placement/budget-problem.ts";
import type { ProgrammeSolver } from "../placement/integer-programme.ts";
import { chooseWithinBudgets } from "../placement/within-budgets.ts";

/** Where a placement within budgets has to run. */
export interface BudgetDesign {
  readonly arch: Arch;
  readonly table: CostTable | NoTable;
  readonly decode_steps: number;
  /** As the run evaluates it. */
  readonly evaluate: (placement: Placement) => CostEvaluation;
  readonly solve: ProgrammeSolver;
}

/** @throws InputError where nothing keeps the budgets */
export function placeWithinBudgets(
  name: string,
  budgets: readonly Budget[],
  rises_nats: readonly number[],
  design: BudgetDesign,
): { readonly placement: Placement; readonly explained: string } {
  const problem = problemOf(name, budgets, rises_nats, design);
  const choice = chooseWithinBudgets(problem, design.solve);
  if (!("isAnalog" in choice)) throw impossible(name, choice);
  return { placement: placementOf(name, choice.isAnalog), explained: explain(choice, budgets) };
}

const placementOf = (name: string, isAnalog: Uint8Array): Placement => ({
  name,
  targets: Array.from(isAnalog, (flag) => (flag === 1 ? "analog" : "digital")),
});

function problemOf(
  name: string,
  budgets: readonly Budget[],
  rises_nats: readonly number[],
  { arch, table, decode_steps, evaluate }: BudgetDesign,
): BudgetProblem {
  if (!table.feasible) throw refuse(name, `a chip that cannot run the model: ${table.reason}`);
  const figures = designFigures(table, arch, decode_steps);
  const fields = (q: Readonly<Record<string, number>>) => fieldsOf(figures, q as CostQuantities);
  return {
    rises_nats,
    budgets,
    programme: programmeOf(table),
    fieldsOf: fields,
    meter: (isAnalog) => createTableMeter(table, isAnalog),
    evaluate: (isAnalog) => {
      const cost = evaluate(placementOf(name, isAnalog));
      if (!cost.feasible) return cost.infeasible_reason ?? "it cannot run";
      const quantities = quantitiesOf(cost, figures);
      return { quantities, fields: fields(quantities) };
    },
  };
}

const refuse = (name: string, found: string, hint?: string): InputError =>
  new InputError("--placement", [
    {
      pointer: "",
      found: `${name}, and ${found}`,
      allowed: "budgets that a placement can keep",
      ...(hint === undefined ? {} : { hint }),
    },
  ]);

const short = (value: number): string => String(Number(value.toPrecision(6)));

function impossible(name: string, { budget, reachable, kept, reason }: NoChoice): InputError {
  if (reason !== null) return refuse(name, `nothing to run: ${reason}`);
  const expression = budget.text.replace(/\s*[<>]=.*$/, "");
  const [end, sense] = budget.sense === "<=" ? ["least", "<="] : ["most", ">="];
  const beside = kept.length === 0 ? "" : ` within ${kept.join(" & ")}`;
  const value = reachable === null ? "nothing" : short(reachable);
  return refuse(
    name,
    `the ${end} that was reached of ${expression}${beside} is ${value}`,
    reachable === null
      ? undefined
      : `${expression}${sense}${loosened(reachable, budget.sense)} can be kept`,
  );
}

/** A rounded limit that is on the right side of a value. */
function loosened(value: number, sense: Budget["sense"]): string {
  const digits = 4;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value) || 1)) - digits + 1);
  const steps = sense === "<=" ? Math.ceil(value / unit) : Math.floor(value / unit);
  return short(steps * unit);
}

/** What was reached, what each budget is used for, and how much better another choice could be. */
function explain(
  { removed_nats, all_nats, bound_nats, isEstimated, unbounded, values }: BudgetChoice,
  budgets: readonly Budget[],
): string {
  const nats = (value: number): string => value.toPrecision(4);
  const used = budgets.map(
    ({ text, limit }, i) =>
      `${text.replace(/\s*[<>]=.*$/, "")} is ${short(values[i]!)} of ${short(limit)}`,
  );
  const missing = bound_nats - removed_nats;
  const gap = removed_nats > 0 ? ` (gap ${((100 * missing) / removed_nats).toPrecision(2)} %)` : "";
  const within = isEstimated ? "by the table's estimate, scaled to this run" : "by the table";
  const bound =
    missing <= 1e-6 * bound_nats
      ? `no choice removes more, ${within}`
      : `no choice removes more than ${nats(bound_nats)}${gap}, ${within}`;
  const without =
    unbounded.length === 0 ? "" : `; that bound knows nothing of ${unbounded.join(" & ")}`;
  return `removes ${nats(removed_nats)} of ${nats(all_nats)} nats of predicted loss rise; ${used.join(", ")}; ${bound}${without}`;
}

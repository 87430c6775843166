/** Budgets of report fields, as users write them: `optimal:'energy_pJ_per_token<=2e8 & ...'`. */
import { DESIGN_FIELDS } from "../evaluate/table-quantities.ts";
import { compileExpression } from "../explore/expression.ts";
import { REPORT_COLUMNS } from "../explore/row.ts";
import { InputError, type Issue } from "../model/issue.ts";
import type { Budget } from "../placement/budget.ts";

export const EXAMPLE = "optimal:'energy_pJ_per_token<=2e8 & decode_latency_ns<=3e5'";

/** Does a placement name budgets, and no share? */
export const isBudgeted = (placement: string): boolean => /^optimal:.*[<>=&]/s.test(placement);

/**
 * @param placement `optimal:` and budgets
 * @throws InputError with everything that is wrong with it
 */
export function readBudgets(placement: string): readonly Budget[] {
  const read = placement.slice("optimal:".length).split("&").map(readBudget);
  const issues = read.filter((one) => "found" in one);
  if (issues.length > 0) throw new InputError("--placement", issues);
  return read.filter((one) => "evaluate" in one);
}

function readBudget(part: string): Budget | Issue {
  const text = part.trim();
  const [left = "", sense, right = "", ...rest] = text.split(/(<=|>=)/).map((own) => own.trim());
  if (sense === undefined || left === "" || right === "" || rest.length > 0)
    return wrong(text, `EXPRESSION<=NUMBER or EXPRESSION>=NUMBER, joined by &: ${EXAMPLE}`);
  const limit = numberOf(right);
  if (limit === null) return wrong(text, "a number on the right side", EXAMPLE);
  const expression = compileExpression(left, DESIGN_FIELDS, "");
  if (!("evaluate" in expression)) return refused(expression);
  const evaluate: Budget["evaluate"] = (fields) => {
    const value = expression.evaluate(fields);
    return typeof value === "number" ? value : null;
  };
  return { text, sense: sense === "<=" ? "<=" : ">=", limit, evaluate };
}

const wrong = (found: string, allowed: string, hint?: string): Issue => ({
  pointer: "",
  found: JSON.stringify(found),
  allowed,
  ...(hint === undefined ? {} : { hint }),
});

/** Arithmetic without fields: `1.1*2e8`. */
function numberOf(text: string): number | null {
  const expression = compileExpression(text, [], "");
  if (!("evaluate" in expression)) return null;
  const value = expression.evaluate({});
  return typeof value === "number" ? value : null;
}

/** Fields of accuracy are what the choice makes best; those of costs are what it may spend. */
function refused(issue: Issue): Issue {
  const name = /^"([^"]+)"/.exec(issue.found)?.[1];
  const isOther = REPORT_COLUMNS.some((column) => column.name === name);
  return {
    ...issue,
    allowed: issue.found.startsWith('"') ? `the fields ${DESIGN_FIELDS.join(", ")}` : issue.allowed,
    ...(isOther
      ? { hint: "a budget is of what a chip costs; accuracy is what it is spent on" }
      : {}),
  };
}

/** Budgets of report fields, and how a linear programme keeps them. */
import { type Affine, combine, constantOf } from "../model/integer-programme.ts";

export type Quantities = Readonly<Record<string, number>>;
export type Fields = Readonly<Record<string, number | null>>;

/** An expression of fields that is to stay on one side of a limit. */
export interface Budget {
  /** As given, for people. */
  readonly text: string;
  readonly sense: "<=" | ">=";
  readonly limit: number;
  /** null where a field has no value. */
  readonly evaluate: (fields: Fields) => number | null;
}

/** How far a value is beyond the limit, in its unit; at most 0: kept. */
export const excessOf = ({ sense, limit, evaluate }: Budget, fields: Fields): number => {
  const value = evaluate(fields);
  if (value === null) return Number.POSITIVE_INFINITY;
  return sense === "<=" ? value - limit : limit - value;
};

/** Quantities from the least to the most of what placements have. */
export interface Box {
  readonly least: Quantities;
  readonly most: Quantities;
}

/** Gradient of a function of quantities, and its value where every quantity is 0. */
interface Linear {
  readonly constant: number;
  readonly gradient: Quantities;
}

/** A budget as "this sum of quantities is at most 0". */
export interface LinearBudget extends Linear {
  /** Kept wherever the budget is, and only there. */
  readonly isExact: boolean;
}

/**
 * The budget as a linear inequality of quantities, exact where it can be: an expression that is linear,
 * or becomes linear when the inequality is multiplied by one of the quantities (throughput by the
 * duration, tokens per joule by the energy). Otherwise its tangent at a point.
 *
 * Linear is what is linear at ten points of the box: enough for what arithmetic makes of fields; where a
 * function or a condition is in the expression nothing is taken to be.
 *
 * @param at where the tangent is taken; null: none is wanted
 * @returns null where the budget is not linear and no tangent can be taken
 */
export function linearBudget(
  budget: Budget,
  fieldsOf: (quantities: Quantities) => Fields,
  box: Box,
  at: Quantities | null,
): LinearBudget | null {
  const excess = (q: Quantities): number => excessOf(budget, fieldsOf(q));
  const names = Object.keys(box.least);
  if (!/[a-z]\w*\s*\(|[?<>=|]/i.test(expressionOf(budget)))
    for (const factor of [null, ...names]) {
      const scaled = (q: Quantities): number => excess(q) * (factor === null ? 1 : q[factor]!);
      const linear = linearOver(scaled, box);
      if (linear !== null) return { ...linear, isExact: true };
    }
  const tangent = at === null ? null : tangentOf(excess, box, at);
  return tangent === null ? null : { ...tangent, isExact: false };
}

const expressionOf = ({ text }: Budget): string => text.replace(/[<>]=.*$/, "");

/** Corners of the box are left alone: there some quantity may be 0. */
function pointsOf({ least, most }: Box): Quantities[] {
  const between = (name: string, share: number): number =>
    least[name]! + (0.1 + 0.8 * share) * (most[name]! - least[name]!);
  return Array.from({ length: 10 }, (_, i) =>
    Object.fromEntries(
      // Multiples of irrational numbers: spread, and in no line.
      Object.keys(least).map((name, k) => [name, between(name, (i * Math.sqrt(k + 2.5)) % 1)]),
    ),
  );
}

function linearOver(value: (q: Quantities) => number, box: Box): Linear | null {
  const [origin, ...others] = pointsOf(box);
  const linear = differences(value, box, origin!, 0.8);
  if (linear === null) return null;
  const scale = Math.max(...others.map((q) => Math.abs(value(q))), Math.abs(linear.constant));
  const isLinear = others.every((q) => Math.abs(value(q) - at(linear, q)) <= 1e-9 * scale);
  return isLinear ? linear : null;
}

const at = ({ constant, gradient }: Linear, q: Quantities): number =>
  Object.entries(gradient).reduce((sum, [name, slope]) => sum + slope * q[name]!, constant);

const tangentOf = (value: (q: Quantities) => number, box: Box, point: Quantities): Linear | null =>
  differences(value, box, point, 1e-4);

/** @param step share of the box that each quantity is changed by */
function differences(
  value: (q: Quantities) => number,
  { least, most }: Box,
  origin: Quantities,
  step: number,
): Linear | null {
  const here = value(origin);
  let constant = here;
  const gradient: Record<string, number> = {};
  for (const name of Object.keys(least)) {
    const change = step * (most[name]! - least[name]!);
    const slope =
      change === 0 ? 0 : (value({ ...origin, [name]: origin[name]! + change }) - here) / change;
    gradient[name] = slope;
    constant -= slope * origin[name]!;
  }
  const isUsable = [constant, ...Object.values(gradient)].every(Number.isFinite);
  return isUsable ? { constant, gradient } : null;
}

/**
 * The sum that the programme keeps at most 0.
 *
 * @param scale of each quantity: what it really is over what the programme says
 */
export function sumOf(
  { constant, gradient }: LinearBudget,
  quantities: Readonly<Record<string, Affine>>,
  scale: Quantities,
): Affine {
  return combine([
    [1, constantOf(constant)],
    ...Object.entries(gradient).map(
      ([name, slope]) => [slope * scale[name]!, quantities[name]!] as const,
    ),
  ]);
}

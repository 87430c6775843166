/** Variables of a space: from what the file says to a list of values each. */
import { show } from "../input/wording.ts";
import type { Issue } from "../model/issue.ts";
import type { SweepVariable } from "../model/sweep.ts";
import { unreachable } from "../units/exhaustive.ts";
import { tokensOf } from "./pointer.ts";
import type { Scalar } from "./row.ts";

/** A variable with all its values; a point of the space is one level (index of a value) of each. */
export interface Variable {
  readonly name: string;
  readonly pointers: readonly string[];
  /** As expressions, database and reports show them; distinct. [levels] */
  readonly values: readonly Scalar[];
  /** What goes to each pointer. [levels][pointers] */
  readonly assigned: readonly (readonly unknown[])[];
  /** Do neighbours of the list resemble each other? */
  readonly ordered: boolean;
}

/** Decimal digits that a step or a ratio leaves: 0.1 + 0.2 is 0.3. */
const DIGITS = 12;
const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

const MOST_LEVELS = 1e5;

/** `/arch/tiles/0/output/bits` -> `bits`; `/arch` -> `arch` */
export const defaultName = (pointer: string): string =>
  (tokensOf(pointer).at(-1) ?? "").replaceAll(/\W/g, "_");

/** Values of a range or list; what cannot be is an issue with the pointer of the variable. */
export function expandVariable(variable: SweepVariable, at: string): Variable | Issue {
  switch (variable.kind) {
    case "list":
      return fromLists(
        variable,
        [variable.pointer],
        variable.values.map((v) => [v]),
        at,
      );
    case "linked":
      return fromLinked(variable, at);
    case "linear":
      return fromRange(variable, linearValues(variable), at);
    case "log":
      return fromRange(variable, logValues(variable), at);
    default:
      return unreachable(variable);
  }
}

type Linear = Extract<SweepVariable, { kind: "linear" }>;
type Log = Extract<SweepVariable, { kind: "log" }>;
type Linked = Extract<SweepVariable, { kind: "linked" }>;

/** Half a rounding beyond `last` still counts as meeting it. */
function linearValues({ first, last, step }: Linear): readonly number[] | Omit<Issue, "pointer"> {
  if (last < first) return { found: `last ${last} below first ${first}`, allowed: "first <= last" };
  const levels = Math.floor((last - first) / step + 1e-9) + 1;
  if (levels > MOST_LEVELS) return tooMany(levels);
  return Array.from({ length: levels }, (_, i) => rounded(first + i * step));
}

function logValues({
  first,
  last,
  points,
  whole,
}: Log): readonly number[] | Omit<Issue, "pointer"> {
  if (first <= 0 || last <= 0)
    return { found: `${first} to ${last}`, allowed: "a range above 0 for logarithmic spacing" };
  if (points === 1 && first !== last)
    return { found: "one point", allowed: "two or more points between first and last" };
  const values = Array.from({ length: points }, (_, i) => {
    const value =
      i === 0 ? first : i === points - 1 ? last : first * (last / first) ** (i / (points - 1));
    return whole === true ? Math.round(value) : rounded(value);
  });
  return [...new Set(values)];
}

const tooMany = (levels: number): Omit<Issue, "pointer"> => ({
  found: `${levels} values`,
  allowed: `at most ${MOST_LEVELS}: take a larger step`,
});

function fromRange(
  variable: Linear | Log,
  values: readonly number[] | Omit<Issue, "pointer">,
  at: string,
): Variable | Issue {
  if ("found" in values) return { pointer: at, ...values };
  const { name, pointer } = variable;
  return {
    name: name ?? defaultName(pointer),
    pointers: [pointer],
    values,
    assigned: values.map((value) => [value]),
    ordered: true,
  };
}

function fromLinked(variable: Linked, at: string): Variable | Issue {
  const { pointers, values } = variable;
  const wrong = values.findIndex((tuple) => tuple.length !== pointers.length);
  if (wrong >= 0)
    return {
      pointer: `${at}/values/${wrong}`,
      found: `${values[wrong]!.length} values`,
      allowed: `${pointers.length}, one per pointer`,
    };
  return fromLists(variable, pointers, values, at);
}

const isScalar = (value: unknown): value is Scalar =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

function fromLists(
  {
    name,
    labels,
  }: { readonly name?: string | undefined; readonly labels?: readonly string[] | undefined },
  pointers: readonly string[],
  assigned: readonly (readonly unknown[])[],
  at: string,
): Variable | Issue {
  if (labels !== undefined && labels.length !== assigned.length)
    return {
      pointer: `${at}/labels`,
      found: `${labels.length} labels`,
      allowed: `${assigned.length}, one per value`,
    };
  const shown: readonly unknown[] = labels ?? assigned.map(([first]) => first);
  const noScalar = shown.findIndex((value) => !isScalar(value));
  if (noScalar >= 0)
    return {
      pointer: `${at}/values/${noScalar}`,
      found: show(shown[noScalar]),
      allowed: 'a number, text, true or false; or "labels" that say how each value is shown',
    };
  const twice = shown.findIndex((value, i) => shown.indexOf(value) !== i);
  if (twice >= 0)
    return {
      pointer: `${at}/${labels ? "labels" : "values"}/${twice}`,
      found: `${show(shown[twice])} a second time`,
      allowed: 'each value once; where only later ones of linked values differ, "labels"',
    };
  const values = shown as readonly Scalar[];
  const ordered = values.every(
    (v, i) => typeof v === "number" && (i === 0 || v > (values[i - 1] as number)),
  );
  return { name: name ?? defaultName(pointers[0]!), pointers, values, assigned, ordered };
}

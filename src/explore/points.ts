/** Points of a space: one level per variable. */
import type { Scalar } from "./row.ts";
import type { Space } from "./space.ts";

/** Index of a value of each variable. [variables] */
export type Levels = readonly number[];

/** A point of a search. */
export interface Point {
  /** Number in the search, from 0. */
  readonly index: number;
  readonly levels: Levels;
}

/** Levels of the combination with a number; the last variable changes fastest. */
export function levelsAt({ variables }: Pick<Space, "variables">, combination: number): Levels {
  const levels = new Array<number>(variables.length);
  let rest = combination;
  for (let v = variables.length - 1; v >= 0; v--) {
    const count = variables[v]!.values.length;
    levels[v] = rest % count;
    rest = Math.floor(rest / count);
  }
  return levels;
}

/** The level of each variable at a place of the unit cube. */
export const levelsOfCube = (
  { variables }: Pick<Space, "variables">,
  place: ArrayLike<number>,
): Levels => variables.map(({ values }, v) => Math.floor(place[v]! * values.length));

/** What equal points have in common. */
export const levelsKey = (levels: Levels): string => levels.join();

/** Values by variable name. */
export const valuesOf = (
  { variables }: Pick<Space, "variables">,
  levels: Levels,
): Readonly<Record<string, Scalar>> =>
  Object.fromEntries(variables.map(({ name, values }, v) => [name, values[levels[v]!]!]));

/** Does the point exist: are all constraints on variables true? */
export function exists(space: Space, levels: Levels): boolean {
  if (space.pointConstraints.length === 0) return true;
  const values = valuesOf(space, levels);
  return space.pointConstraints.every((constraint) => isTrue(constraint.evaluate(values)));
}

export const isTrue = (value: number | boolean | null): boolean => value === true || value === 1;

/** Building blocks of integer programmes: longest, shorter, and product of sums. */
import { type Affine, combine, constantOf, variableOf } from "../model/integer-programme.ts";

/** Variables and rows as they are collected. */
export interface ProgrammeDraft {
  readonly variable: (least: number, most: number, isWhole: boolean) => number;
  readonly atLeast0: (row: Affine) => void;
}

/** What a sum can come to at most, and at least, if every variable is between 0 and 1. */
const most = ({ constant, terms }: Affine): number => {
  let sum = constant;
  for (const coefficient of terms.values()) sum += Math.max(0, coefficient);
  return sum;
};
const least = (sum: Affine): number => -most(combine([[-1, sum]]));

/** At least each of the sums; those that another one is always above are left out. */
export function longestOf({ variable, atLeast0 }: ProgrammeDraft, sums: readonly Affine[]): Affine {
  const floor = Math.max(...sums.map(least));
  const ceiling = Math.max(...sums.map(most));
  const matter = sums.filter((sum) => most(sum) > floor);
  if (matter.length === 0) return constantOf(ceiling);
  if (matter.length === 1 && least(matter[0]!) === floor) return matter[0]!;
  // In units of its largest value: the solver's tolerances are absolute.
  const longest = combine([[ceiling, variableOf(variable(floor / ceiling, 1, false))]]);
  for (const sum of matter)
    atLeast0(
      combine([
        [1, longest],
        [-1, sum],
      ]),
    );
  return longest;
}

/** 1 where every factor is 1; factors are 0 or 1. */
export function productOf(
  { variable, atLeast0 }: ProgrammeDraft,
  factors: readonly Affine[],
): Affine {
  const product = variableOf(variable(0, 1, false));
  for (const factor of factors)
    atLeast0(
      combine([
        [1, factor],
        [-1, product],
      ]),
    );
  atLeast0(
    combine([
      [1, product],
      ...factors.map((factor) => [-1, factor] as const),
      [factors.length - 1, constantOf(1)],
    ]),
  );
  return product;
}

/** At least the smaller of two sums; a variable says which one it is. */
export function shorterOf({ variable, atLeast0 }: ProgrammeDraft, a: Affine, b: Affine): Affine {
  const ceiling = Math.max(most(a), most(b));
  const shorter = combine([[ceiling, variableOf(variable(0, 1, false))]]);
  const isB = variable(0, 1, true);
  atLeast0(
    combine([
      [1, shorter],
      [-1, a],
      [most(a), variableOf(isB)],
    ]),
  );
  atLeast0(
    combine([
      [1, shorter],
      [-1, b],
      [most(b), constantOf(1)],
      [-most(b), variableOf(isB)],
    ]),
  );
  return shorter;
}

/** Mixed integer linear programmes, as values. */

/** A sum of variables and a constant: coefficient by number of the variable. */
export interface Affine {
  readonly constant: number;
  readonly terms: ReadonlyMap<number, number>;
}

export interface Variable {
  readonly least: number;
  readonly most: number;
  readonly isWhole: boolean;
}

/** The sum is at least 0. */
export type NonNegative = Affine;

export interface IntegerProgramme {
  readonly variables: readonly Variable[];
  readonly rows: readonly NonNegative[];
  /** To be made small. */
  readonly objective: Affine;
}

export const constantOf = (constant: number): Affine => ({ constant, terms: new Map() });

/** The variable times a coefficient. */
export const variableOf = (variable: number, coefficient = 1): Affine => ({
  constant: 0,
  terms: new Map([[variable, coefficient]]),
});

/** Sum of products of a factor and a sum. */
export function combine(parts: readonly (readonly [factor: number, sum: Affine])[]): Affine {
  let constant = 0;
  const terms = new Map<number, number>();
  for (const [factor, own] of parts) {
    if (factor === 0) continue;
    constant += factor * own.constant;
    for (const [variable, coefficient] of own.terms)
      terms.set(variable, (terms.get(variable) ?? 0) + factor * coefficient);
  }
  return { constant, terms };
}

export function sumAt({ constant, terms }: Affine, values: ArrayLike<number>): number {
  let sum = constant;
  for (const [variable, coefficient] of terms) sum += coefficient * values[variable]!;
  return sum;
}

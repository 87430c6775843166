/** Units of a table as sums of variables. */
import { type Affine, combine, constantOf, variableOf } from "../model/integer-programme.ts";
import { type ProgrammeDraft, productOf } from "./programme-draft.ts";
import type { PhaseTable } from "./table-model.ts";

import type { Unit } from "./table-uses.ts";

export interface UnitSums {
  /** What a unit adds to a figure that rows add up to. */
  readonly work: (phase: PhaseTable, unit: Unit, pick: (row: Float64Array) => number) => Affine;
  /** What a token that takes the unit waits for it, in ps. */
  readonly latency: (phase: PhaseTable, unit: Unit) => Affine;
}

/** Remembers the variables that say whether a network is all in one place. */
export function createUnitSums(draft: ProgrammeDraft): UnitSums {
  const allAnalog = once((ids) =>
    productOf(
      draft,
      ids.map((id) => variableOf(id)),
    ),
  );
  const allDigital = once((ids) =>
    productOf(
      draft,
      ids.map((id) =>
        combine([
          [1, constantOf(1)],
          [-1, variableOf(id)],
        ]),
      ),
    ),
  );
  return {
    work: (phase, { ids, profile, parts }, pick) => {
      const { analog, digital } = phase;
      const whole = pick(digital[profile]!);
      if (ids.length === 1) return either(ids[0]!, pick(analog[profile]!), whole);
      const moved = parts.map((part) => pick(analog[part]!) - pick(digital[part]!));
      const together = pick(analog[profile]!) - whole - moved.reduce((sum, d) => sum + d, 0);
      return combine([
        [1, constantOf(whole)],
        ...ids.map((id, i) => [moved[i]!, variableOf(id)] as const),
        ...(together === 0 ? [] : [[together, allAnalog(ids)] as const]),
      ]);
    },
    latency: (phase, { ids, profile, parts }) => {
      const { analog, digital } = phase;
      const last = phase.base.length - 1;
      const [a, d] = [analog[profile]![last]!, digital[profile]![last]!];
      if (ids.length === 1) return either(ids[0]!, a, d);
      const ofPart = (i: number) =>
        [analog[parts[i]!]![last]!, digital[parts[i]!]![last]!] as const;
      const [gate, down] = [ofPart(0), ofPart(2)];
      return combine([
        [1, either(ids[0]!, ...gate)],
        [1, either(ids[2]!, ...down)],
        [a - gate[0] - down[0], allAnalog(ids)],
        [d - gate[1] - down[1], allDigital(ids)],
      ]);
    },
  };
}

/** One figure where a matrix is analog, another where it is digital. */
const either = (id: number, analog: number, digital: number): Affine => ({
  constant: digital,
  terms: new Map([[id, analog - digital]]),
});

function once(make: (ids: readonly number[]) => Affine): (ids: readonly number[]) => Affine {
  const known = new Map<number, Affine>();
  return (ids) => {
    const found = known.get(ids[0]!) ?? make(ids);
    known.set(ids[0]!, found);
    return found;
  };
}

/** A weight over several differential pairs of different significance. */
import { clamp } from "./devices/device.ts";
import type { ColumnWriter } from "./write-column.ts";

/**
 * The lowest significance is filled first: pair p holds what of |w| lies between the sum of the
 * significances before it and that sum with its own; the weight is the significance-weighted sum.
 *
 * @param significances lowest first
 * @param omega normalised weight that takes the largest conductance of every pair
 * @param writers one a pair
 * @source AIHWKIT NPairConductanceConverter; `converters/pairs.ts` has it in conductances.
 */
export function createPairsWriter(
  significances: readonly number[],
  omega: number,
  writers: readonly ColumnWriter[],
): ColumnWriter {
  const total = significances.reduce((a, b) => a + b, 0);
  const part = (weight: number, below: number, f: number): number => {
    const share = clamp(((Math.abs(weight) / omega) * total - below) / f, 0, 1);
    return Math.sign(weight) * share * omega;
  };
  return {
    write: (output, column, programmed) => {
      const targets = column.slice();
      const written = programmed === null ? null : new Float32Array(column.length);
      column.fill(0);
      programmed?.fill(0);
      let below = 0;
      significances.forEach((f, p) => {
        const own = targets.map((weight) => part(weight, below, f));
        writers[p]!.write(output, own, written);
        addTo(column, own, f / total);
        if (programmed !== null && written !== null) addTo(programmed, written, f / total);
        below += f;
      });
    },
  };
}

function addTo(sums: Float32Array, values: Float32Array, factor: number): void {
  for (let k = 0; k < sums.length; k++) sums[k] = sums[k]! + values[k]! * factor;
}

/** Pairs whose conductances over weight are a table of the user's. */
import { InputError } from "../../model/issue.ts";
import { type Converter, largestMagnitude, NO_MEMORY } from "./converter.ts";
import { pairSum } from "./pairs.ts";

/**
 * Each device's conductance is given at equidistant weights from -max to +max, linear between.
 *
 * @param significances f, one a pair
 * @param tables_uS two a pair, + before -; each at least 2 values
 * @throws InputError if the weight cannot be read back: sum f (g+ - g-) must be proportional to
 *   the weight
 * @source AIHWKIT CustomPairConductanceConverter.
 */
export function customPairConverter(
  significances: readonly number[],
  tables_uS: readonly (readonly number[])[],
): Converter {
  const points = tables_uS[0]?.length ?? 0;
  const sums = pairSum(
    tables_uS.map((table) => Float32Array.from(table)),
    significances,
  );
  const full_uS = Math.max(...sums.map(Math.abs));
  requireProportional(sums, full_uS, points);
  return {
    toConductances: (weights) => {
      const max = largestMagnitude(weights);
      const slices = tables_uS.map((table) =>
        weights.map((w) => at(table, ((w / max + 1) / 2) * (points - 1))),
      );
      return { slices, scale: Float32Array.of(full_uS / max), memory: NO_MEMORY };
    },
    toWeights: ({ slices, scale }) =>
      Float32Array.from(pairSum(slices, significances), (g) => g / scale[0]!),
  };
}

/** Value of a table at a place between its entries. */
function at(table: readonly number[], place: number): number {
  const below = Math.min(Math.floor(place), table.length - 2);
  return table[below]! + (table[below + 1]! - table[below]!) * (place - below);
}

function requireProportional(sums: Float64Array, full_uS: number, points: number): void {
  const straight = sums.every(
    (sum, i) => Math.abs(sum - full_uS * ((2 * i) / (points - 1) - 1)) <= 1e-4 * full_uS,
  );
  if (points >= 2 && full_uS > 0 && straight) return;
  throw new InputError("converter", [
    {
      pointer: "/g_lst",
      found: `sums of f (g+ - g-) of ${[...sums].join(", ")} uS`,
      allowed: "tables whose sum rises in equal steps from -max to +max",
    },
  ]);
}

/** Made-up sums of columns: curvature of all sizes, nothing biased, nothing in common. */
import { type ColumnSums, PAIRS_OF_BINS, SIZE_BINS } from "../../src/transformer/curvature.ts";

/** @param next numbers in -1..1 */
export function madeUpColumns(next: () => number): ColumnSums {
  const zeros = (): Float64Array => new Float64Array(SIZE_BINS);
  return {
    squares: Float64Array.from({ length: SIZE_BINS }, () => next() ** 2),
    slopes: zeros(),
    together: new Float64Array(PAIRS_OF_BINS),
    dropSlopes: zeros(),
    dropShares: zeros(),
  };
}

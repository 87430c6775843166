import type { RowRange } from "../numerics/ranges.ts";

/**
 * How sharply the loss bends in the directions of one matrix: means over predicted tokens of squared
 * derivatives of the log-likelihood. Half of one times a variance is a rise of the mean NLL.
 *
 * Squares are those of labels drawn from the model; slopes those of the text's own next tokens.
 */
export interface MatrixCurvature {
  /**
   * An error of a weight that stays the same for all tokens: diagonal Fisher information.
   * [outputs][inputs]
   */
  readonly weights: Float32Array;
  /** An error of a weight that is drawn anew for every token. [outputs][inputs] */
  readonly reads: Float32Array;
  /** An error of an input of this product alone, drawn anew for every token. [inputs] */
  readonly inputs: Float64Array;
  /** Slope of the mean NLL: d(NLL)/dW. [outputs][inputs] */
  readonly slope: Float32Array;
  /** Inputs by size, as they are; and in units of the token's largest |x|. */
  readonly bySize: InputsBySize;
  readonly bySizeOverRange: InputsBySize;
  /**
   * Derivative along the matrix itself, sum of w dL/dw: what a common factor on its weights does.
   * One a window. [windows]
   */
  readonly along: Float64Array;
}

/** Derivatives by inputs, sorted into bins of |x|. */
export interface InputsBySize {
  /** Sum of squared derivatives. [SIZE_BINS] */
  readonly squares: Float64Array;
  /** Sum of sign(x) d(NLL)/dx: what it costs when all inputs of a bin are larger. [SIZE_BINS] */
  readonly slopes: Float64Array;
}

/** How a kind of tile cuts, scales and drives one matrix. Plain data. */
export interface ColumnPlan {
  /** Rising; a sum runs over one of them. */
  readonly rows: readonly RowRange[];
  /** Largest |w| of the scaling group of each sum. [row ranges][outputs] */
  readonly scales: readonly Float32Array[];
  /** Full scale of the inputs of each row range; null, or 0: that of each vector. */
  readonly ranges: ArrayLike<number> | null;
}

/**
 * Derivatives by the analog sums of a matrix on one kind of tile, sorted into bins of |sum|: a sum is
 * what one ADC converts for one token, in units of the largest weight of its column's scaling group
 * times the full scale of the inputs. Means over predicted tokens, like those of `MatrixCurvature`.
 */
export interface ColumnSums {
  /** Sum of squared derivatives. [SIZE_BINS] */
  readonly squares: Float64Array;
  /** Sum of sign(sum) d(NLL)/d(sum): what it costs when all sums of a bin are larger. [SIZE_BINS] */
  readonly slopes: Float64Array;
  /**
   * Sum over tokens of products of the derivatives of two different sums, times both signs, by the
   * coarse bins of the two: what errors cost beyond `squares` where sums of a size err alike. The
   * lower triangle of a symmetric matrix, at `pairOfBins`. [PAIRS_OF_BINS]
   */
  readonly together: Float64Array;
  /** Slope of the NLL when the position-weighted sums are larger, by current. [SIZE_BINS] */
  readonly dropSlopes: Float64Array;
  /** Sum times position-weighted sum, over the power of all sums; by current. [SIZE_BINS] */
  readonly dropShares: Float64Array;
}

/** Coarse bins: two an octave, from 2^-14 up to 2^6. */
export const COARSE_BINS = 40;
const FINE_PER_COARSE = 4;
const FIRST_COARSE = 12;
export const PAIRS_OF_BINS = (COARSE_BINS * (COARSE_BINS + 1)) / 2;

/** The coarse bin that a bin of `sizeBin` lies in. */
export function coarseBin(bin: number): number {
  const coarse = Math.floor(bin / FINE_PER_COARSE) - FIRST_COARSE;
  return Math.min(Math.max(coarse, 0), COARSE_BINS - 1);
}

/** Place of a pair in a lower triangle. @param j at most i */
export const pairOfBins = (i: number, j: number): number => (i * (i + 1)) / 2 + j;

/** Eight bins an octave, from 2^-20 up to 2^12; smaller and larger numbers are in the end bins. */
export const SIZE_BINS = 256;
const BINS_PER_OCTAVE = 8;
const SMALLEST_EXPONENT = -20;
/** Place of the bin of 2^SMALLEST_EXPONENT among the upper bits of float32 numbers. */
const FIRST_BITS = (127 + SMALLEST_EXPONENT) * BINS_PER_OCTAVE;

/** Bin of a float32 number. @param bits its 32 bits; the sign is left out */
export function sizeBin(bits: number): number {
  const bin = ((bits & 0x7fffffff) >>> 20) - FIRST_BITS;
  return bin < 0 ? 0 : bin < SIZE_BINS ? bin : SIZE_BINS - 1;
}

/** Where a bin begins; bins are equally wide within an octave. */
export function sizeOfBin(bin: number): number {
  const octave = Math.floor(bin / BINS_PER_OCTAVE);
  return 2 ** (SMALLEST_EXPONENT + octave) * (1 + (bin % BINS_PER_OCTAVE) / BINS_PER_OCTAVE);
}

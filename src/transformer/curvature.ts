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
  /** An error of an output that is drawn anew for every token. [outputs] */
  readonly outputs: Float64Array;
  /** The same, times the square of the token's largest |x|. */
  readonly outputsTimesRange: Float64Array;
  /** An error of an input of this product alone, drawn anew for every token. [inputs] */
  readonly inputs: Float64Array;
  readonly inputsTimesRange: Float64Array;
  /** Slope of the mean NLL: d(NLL)/dW. [outputs][inputs] */
  readonly slope: Float32Array;
  /** Square of the input, mean over the tokens that reach the matrix. [inputs] */
  readonly inputSquares: Float64Array;
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

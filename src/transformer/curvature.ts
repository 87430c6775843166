/**
 * How sharply the loss bends in the directions of one matrix: means over predicted tokens of squared
 * derivatives of the log-likelihood. Half of one times a variance is a rise of the mean NLL.
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
}

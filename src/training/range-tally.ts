/** What training counts of one row range, for its input range. */
/** Of one step; counts up. */
export interface RangeTally {
  /** Sum over clipped inputs of the gradients that would widen the range. */
  gradient: number;
  /** The straight-through derivative by the range's logarithm; see `straightThrough`. */
  slope: number;
  /** Inputs within the range, and all. */
  within: number;
  inputs: number;
  /** Outputs at the end of the ADC's scale, and all. */
  clippedOutputs: number;
  outputs: number;
  /** Sum and sum of squares of the inputs, while ranges are set from data. */
  sum: number;
  squares: number;
}

export const emptyTally = (): RangeTally => ({
  gradient: 0,
  slope: 0,
  within: 0,
  inputs: 0,
  clippedOutputs: 0,
  outputs: 0,
  sum: 0,
  squares: 0,
});

/** Input ranges from calibration activations: what a DAC's full scale should be. */
import type { AnalogNumerics } from "../model/analog-numerics.ts";
import { quantileOfMagnitudes } from "./order-statistics.ts";
import { type RowRange, rowRanges } from "./ranges.ts";

export type RangeRule = AnalogNumerics["input_range"];

/** Sees batches of a matrix's inputs, one after the other; keeps statistics only. */
export interface RangeCollector {
  /** @param x [rows][inputs]; a batch of 0 rows changes nothing */
  readonly add: (x: Float32Array, rows: number) => void;
  /**
   * Full scale of each row range, in the order of `rowRanges(blocks)`; `null` for the dynamic rule.
   *
   * 0, which is dynamic, where no input was seen but zeros: an expert may get no calibration token.
   */
  readonly ranges: () => Float64Array | null;
}

/**
 * Collects the input ranges of one matrix.
 *
 * - std: kappa x the unbiased standard deviation of a batch, averaged over batches;
 * - quantile: of |x| of a batch, linear interpolation, averaged over batches;
 * - max: largest |x| seen;
 * - dynamic: none; each vector brings its own;
 * - fixed: the given one.
 *
 * Rows that are all zero are no inputs and left out.
 *
 * @param blocks row ranges of the matrix's blocks, or the blocks themselves
 * @source AIHWKIT calibrate_input_ranges (MovingStd, MovingQuantile, Max), except that a quantile
 *   here is that of |x|: the DAC is symmetric.
 */
export function createRangeCollector(
  rule: RangeRule,
  blocks: readonly RowRange[],
  inputs: number,
): RangeCollector {
  if (rule.kind === "dynamic") return { add: () => {}, ranges: () => null };
  if (rule.kind === "fixed") {
    const ranges = rowRanges(blocks).map(() => rule.range_value);
    return { add: () => {}, ranges: () => Float64Array.from(ranges) };
  }
  const measure = MEASURES[rule.kind](rule as never);
  const states = rowRanges(blocks).map((range) => ({ range, batches: 0, value: 0 }));
  return {
    add: (x, rows) => {
      for (const state of states) {
        const batch = gather(x, rows, inputs, state.range);
        if (batch.length < 2) continue;
        state.value = measure(batch, state.value, state.batches);
        state.batches++;
      }
    },
    ranges: () => Float64Array.from(states, ({ value }) => value),
  };
}

/** The new value of a range from a batch, its old value, and the number of batches before. */
type Measure = (batch: Float32Array, old: number, batches: number) => number;

const MEASURES = {
  std: ({ kappa, decay_frac }: Extract<RangeRule, { kind: "std" }>): Measure =>
    runningMean((batch) => kappa * standardDeviation(batch), decay_frac),
  quantile: ({ quantile_frac, decay_frac }: Extract<RangeRule, { kind: "quantile" }>): Measure =>
    runningMean((batch) => quantileOfMagnitudes(batch, quantile_frac), decay_frac),
  max: (): Measure => (batch, old) =>
    batch.reduce((max, value) => Math.max(max, Math.abs(value)), old),
} as const;

/** @param decay share of a new batch; left out: the mean of all batches */
function runningMean(statistic: (batch: Float32Array) => number, decay?: number): Measure {
  return (batch, old, batches) => {
    const share = decay === undefined || batches === 0 ? 1 / (batches + 1) : decay;
    return old * (1 - share) + statistic(batch) * share;
  };
}

/** Inputs of a row range, without the rows that are all zero there. */
function gather(
  x: Float32Array,
  rows: number,
  inputs: number,
  { rowBegin, rowEnd }: RowRange,
): Float32Array {
  if (x.length < rows * inputs) throw new Error(`${rows} rows do not fit x [${x.length}]`);
  const width = rowEnd - rowBegin;
  const out = new Float32Array(rows * width);
  let kept = 0;
  for (let row = 0; row < rows; row++) {
    const part = x.subarray(row * inputs + rowBegin, row * inputs + rowEnd);
    if (part.every((value) => value === 0)) continue;
    out.set(part, kept);
    kept += width;
  }
  return out.subarray(0, kept);
}

/** Unbiased, about the mean. @param values at least 2 */
export function standardDeviation(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

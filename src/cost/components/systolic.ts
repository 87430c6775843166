import { unreachable } from "../../units/exhaustive.ts";

/** A grid of processing elements, one multiply-accumulate each per clock. */
export interface SystolicArray {
  readonly rows: number;
  readonly cols: number;
  readonly dataflow: "weight-stationary" | "output-stationary";
}

/** `batch` products [tokens][inputs] x [inputs][outputs]. */
export interface MatrixProduct {
  readonly batch: number;
  readonly tokens: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** Clocks that keep the array busy, and clocks from then until the last result leaves it. */
export interface SystolicCycles {
  readonly busy: number;
  readonly drain: number;
}

/**
 * Clocks of a matrix product, ramps included.
 *
 * The product is cut into folds that fit the array. A fold that fills it takes the
 * `2 R + C + T - 2` clocks of SCALE-Sim (T is the length of what streams by): R to shift the
 * stationary operand in or out, T + R + C - 2 for the skewed streams to cross. A smaller fold
 * takes less where fewer rows have to be shifted or fewer columns to be crossed.
 *
 * @source Samajdar et al., "SCALE-Sim", ISPASS 2020, equation 1
 */
export function systolicCycles(array: SystolicArray, product: MatrixProduct): SystolicCycles {
  switch (array.dataflow) {
    case "weight-stationary":
      return weightStationary(array, product);
    case "output-stationary":
      return outputStationary(array, product);
    default:
      return unreachable(array.dataflow);
  }
}

/**
 * Inputs along rows, outputs along columns; tokens stream.
 *
 * Weights are double-buffered: those of the next fold shift in while this one streams, so folds
 * follow each other at max(tokens, rows to shift) clocks and pay the ramp once. Results leave at
 * the far edge of the array, past rows that the fold does not use.
 *
 * @source Jouppi et al., ISCA 2017, section 2, for the double buffer
 */
function weightStationary({ rows, cols }: SystolicArray, p: MatrixProduct): SystolicCycles {
  const fullRowFolds = Math.ceil(p.inputs / rows) - 1;
  const lastRows = lastFold(p.inputs, rows);
  const columnOfFolds = fullRowFolds * Math.max(p.tokens, rows) + Math.max(p.tokens, lastRows);
  const colFolds = Math.ceil(p.outputs / cols);
  const firstRows = Math.min(p.inputs, rows);
  // A narrow last column of folds may be done before the full-width one ahead of it.
  const aheadCols = colFolds > 1 ? cols - columnOfFolds : 0;
  return {
    busy: firstRows + p.batch * colFolds * columnOfFolds - Math.max(firstRows, p.tokens) + p.tokens,
    drain: rows + Math.max(lastFold(p.outputs, cols), aheadCols) - 2,
  };
}

/**
 * Tokens along rows, outputs along columns; inputs stream.
 *
 * A fold of r rows and c columns takes inputs + r + c - 2 clocks until its last result is complete
 * and r to shift the results out; only then does the next one start. Summed over the folds.
 */
function outputStationary({ rows, cols }: SystolicArray, p: MatrixProduct): SystolicCycles {
  const rowFolds = Math.ceil(p.tokens / rows);
  const colFolds = Math.ceil(p.outputs / cols);
  const streaming = rowFolds * colFolds * (p.inputs - 2);
  const ramps = 2 * p.tokens * colFolds + p.outputs * rowFolds;
  const drain = 2 * lastFold(p.tokens, rows) + lastFold(p.outputs, cols) - 2;
  return { busy: p.batch * (streaming + ramps) - drain, drain };
}

/** Size of the last of the folds of `size` elements, 1..width. */
function lastFold(size: number, width: number): number {
  return ((size - 1) % width) + 1;
}

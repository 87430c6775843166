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
 * The product is cut into folds that fit the array. One fold takes the `2 R + C + T - 2` clocks of
 * SCALE-Sim (T is the length of what streams by): R to shift the stationary operand in or out,
 * T + R + C - 2 for the skewed streams to cross. Stationary operands are double-buffered, so the
 * folds follow each other at max(T, rows to shift) clocks and pay the ramp once.
 *
 * Weight-stationary: inputs along rows, outputs along columns, tokens stream.
 * Output-stationary: tokens along rows, outputs along columns, inputs stream.
 *
 * @source Samajdar et al., "SCALE-Sim", ISPASS 2020, equation 1 (one fold); Jouppi et al., ISCA
 * 2017, section 2 (double-buffered weights).
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

/** Rows of weights shift in before a fold streams; results leave at the far edge of the array. */
function weightStationary({ rows, cols }: SystolicArray, p: MatrixProduct): SystolicCycles {
  const first = Math.min(p.inputs, rows);
  const intervals = foldIntervals(rows, cols, p.inputs, p.outputs, p.tokens) * p.batch;
  return {
    busy: first + intervals - Math.max(first, p.tokens) + p.tokens,
    drain: rows + lastFold(p.outputs, cols) - 2,
  };
}

/** Results shift out, row by row, while the next fold streams. */
function outputStationary({ rows, cols }: SystolicArray, p: MatrixProduct): SystolicCycles {
  const last = lastFold(p.tokens, rows);
  const intervals = foldIntervals(rows, cols, p.tokens, p.outputs, p.inputs) * p.batch;
  return {
    busy: intervals - Math.max(last, p.inputs) + p.inputs,
    drain: last + lastFold(p.outputs, cols) - 2 + last,
  };
}

/** Sum over folds of max(streamed length, stationary rows). */
function foldIntervals(
  rows: number,
  cols: number,
  alongRows: number,
  alongCols: number,
  streamed: number,
): number {
  const full = Math.ceil(alongRows / rows) - 1;
  const column = full * Math.max(streamed, rows) + Math.max(streamed, lastFold(alongRows, rows));
  return column * Math.ceil(alongCols / cols);
}

/** Size of the last of the folds of `size` elements, 1..width. */
function lastFold(size: number, width: number): number {
  return ((size - 1) % width) + 1;
}

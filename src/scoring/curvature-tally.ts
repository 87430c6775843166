import type { WeightMatrix } from "../model/matrix.ts";
import { type Multiply, type ReversedProduct, transpose } from "../transformer/backward-tools.ts";
import {
  type InputsBySize,
  type MatrixCurvature,
  SIZE_BINS,
  sizeBin,
} from "../transformer/curvature.ts";

/** Adds up derivatives, product by product; everything but `along` is a sum over tokens. */
export interface CurvatureTally {
  /** Of labels drawn from the model; one window at a time: its gradient is squared as a whole. */
  readonly addSquares: (product: ReversedProduct, window: number) => void;
  /** Of the text's own next tokens. */
  readonly addSlopes: (product: ReversedProduct) => void;
  /** Null for a matrix that is a table and no product. */
  readonly sums: readonly (MatrixCurvature | null)[];
}

/**
 * The LM head reaches no label but that of its own token. So there is nothing to add up before
 * squaring, and the sum of the squares of tokens has the same mean with less noise.
 */
const squaresByToken = ({ module }: WeightMatrix): boolean => module === "lm-head";

/** @param windows of the whole text */
export function createCurvatureTally(
  matrices: readonly WeightMatrix[],
  windows: number,
  multiply: Multiply,
): CurvatureTally {
  const sums = matrices.map((matrix) =>
    matrix.module === "embedding" ? null : zeros(matrix, windows),
  );
  const largest = matrices.reduce((most, m) => Math.max(most, m.inputs * m.outputs), 0);
  const gradient = new Float32Array(largest);
  const turned = createTurner();
  const bySize = createSizeTally();
  const gradientOf = (product: ReversedProduct, dyTurned: Float32Array, xTurned: Float32Array) =>
    multiply(
      dyTurned,
      product.matrix.outputs,
      xTurned,
      product.matrix.inputs,
      product.rows,
      gradient,
    );
  return {
    sums,
    addSquares: (product, window) => {
      const { matrix, x, dx, rows } = product;
      const to = sums[matrix.id]!;
      const ranges = largestSquares(x, rows, matrix.inputs);
      addSquares(dx, rows, to.inputs);
      to.along[window]! += dot(x, dx, rows * matrix.inputs);
      bySize.addSquares(product, ranges, to);
      const [dyTurned, xTurned] = turned(product);
      if (!squaresByToken(matrix)) {
        gradientOf(product, dyTurned, xTurned);
        for (let i = 0; i < to.weights.length; i++) to.weights[i]! += gradient[i]! * gradient[i]!;
      }
      square(dyTurned);
      square(xTurned);
      gradientOf(product, dyTurned, xTurned);
      for (let i = 0; i < to.reads.length; i++) to.reads[i]! += gradient[i]!;
    },
    addSlopes: (product) => {
      const { matrix, x, rows } = product;
      const to = sums[matrix.id]!;
      bySize.addSlopes(product, largestSquares(x, rows, matrix.inputs), to);
      gradientOf(product, ...turned(product));
      // The NLL falls where the log-likelihood rises.
      for (let i = 0; i < to.slope.length; i++) to.slope[i]! -= gradient[i]!;
    },
  };
}

/** Adds the sums of another part of the text, in place. */
export function addCurvature(to: MatrixCurvature, from: MatrixCurvature): void {
  const pairs = new Map(arraysOf(to).map((array, i) => [array, arraysOf(from)[i]!] as const));
  for (const [into, values] of pairs)
    for (let i = 0; i < into.length; i++) into[i] = into[i]! + values[i]!;
}

/** Means over predictions, in place. */
export function toMeans(sums: MatrixCurvature, predictions: number): MatrixCurvature {
  for (const values of new Set(arraysOf(sums))) {
    if (values === sums.along) continue;
    for (let i = 0; i < values.length; i++) values[i] = values[i]! / predictions;
  }
  return sums;
}

/** Always in the same order; the LM head has one of them twice. */
function arraysOf({ bySize, bySizeOverRange, ...plain }: MatrixCurvature) {
  return [...Object.values(plain), ...Object.values(bySize), ...Object.values(bySizeOverRange)] as (
    | Float32Array
    | Float64Array
  )[];
}

function zeros(matrix: WeightMatrix, windows: number): MatrixCurvature {
  const { inputs, outputs } = matrix;
  const reads = new Float32Array(outputs * inputs);
  const sizes = (): InputsBySize => ({
    squares: new Float64Array(SIZE_BINS),
    slopes: new Float64Array(SIZE_BINS),
  });
  return {
    weights: squaresByToken(matrix) ? reads : new Float32Array(outputs * inputs),
    reads,
    inputs: new Float64Array(inputs),
    slope: new Float32Array(outputs * inputs),
    bySize: sizes(),
    bySizeOverRange: sizes(),
    along: new Float64Array(windows),
  };
}

/** Sorts derivatives by inputs into bins of |x|, plain and in units of the largest of the row. */
function createSizeTally() {
  let x = new Float32Array(0);
  let dx = new Float32Array(0);
  const inRange = (p: ReversedProduct, squares: Float64Array) => {
    const width = p.matrix.inputs;
    if (x.length < p.x.length)
      [x, dx] = [new Float32Array(p.x.length), new Float32Array(p.x.length)];
    for (let row = 0; row < p.rows; row++) {
      const range = Math.sqrt(squares[row]!);
      const perRange = range > 0 ? 1 / range : 0;
      for (let i = row * width; i < (row + 1) * width; i++) {
        x[i] = p.x[i]! * perRange;
        dx[i] = p.dx[i]! * range;
      }
    }
    return [x.subarray(0, p.x.length), dx] as const;
  };
  return {
    addSquares: (p: ReversedProduct, ranges: Float64Array, to: MatrixCurvature): void => {
      squaresBySize(p.x, p.dx, to.bySize.squares);
      squaresBySize(...inRange(p, ranges), to.bySizeOverRange.squares);
    },
    addSlopes: (p: ReversedProduct, ranges: Float64Array, to: MatrixCurvature): void => {
      slopesBySize(p.x, p.dx, to.bySize.slopes);
      slopesBySize(...inRange(p, ranges), to.bySizeOverRange.slopes);
    },
  };
}

const bitsOf = (x: Float32Array): Int32Array => new Int32Array(x.buffer, x.byteOffset, x.length);

function squaresBySize(x: Float32Array, dx: Float32Array, squares: Float64Array): void {
  const bits = bitsOf(x);
  for (let i = 0; i < bits.length; i++) {
    const bin = sizeBin(bits[i]!);
    squares[bin] = squares[bin]! + dx[i]! * dx[i]!;
  }
}

/** Of the NLL, so with the other sign than those of the log-likelihood. */
function slopesBySize(x: Float32Array, dx: Float32Array, slopes: Float64Array): void {
  const bits = bitsOf(x);
  for (let i = 0; i < bits.length; i++) {
    const bin = sizeBin(bits[i]!);
    slopes[bin] = slopes[bin]! + (bits[i]! < 0 ? dx[i]! : -dx[i]!);
  }
}

/** dy and x of a product with tokens along the rows: [outputs][rows] and [inputs][rows]. */
function createTurner(): (product: ReversedProduct) => readonly [Float32Array, Float32Array] {
  let left = new Float32Array(0);
  let right = new Float32Array(0);
  return ({ matrix: { outputs, inputs }, x, dy, rows }) => {
    if (left.length < outputs * rows) left = new Float32Array(outputs * rows);
    if (right.length < inputs * rows) right = new Float32Array(inputs * rows);
    const [dyTurned, xTurned] = [
      left.subarray(0, outputs * rows),
      right.subarray(0, inputs * rows),
    ];
    transpose(dy, rows, outputs, dyTurned);
    transpose(x, rows, inputs, xTurned);
    return [dyTurned, xTurned];
  };
}

/** Square of the largest |x| of every row. */
function largestSquares(x: Float32Array, rows: number, width: number): Float64Array {
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let most = 0;
    for (let i = row * width; i < (row + 1) * width; i++) most = Math.max(most, Math.abs(x[i]!));
    result[row] = most * most;
  }
  return result;
}

/** Adds the squares of every column. @param values [rows][sums] */
function addSquares(values: Float32Array, rows: number, sums: Float64Array): void {
  const width = sums.length;
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < width; i++)
      sums[i] = sums[i]! + values[row * width + i]! * values[row * width + i]!;
}

function dot(a: Float32Array, b: Float32Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function square(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * values[i]!;
}

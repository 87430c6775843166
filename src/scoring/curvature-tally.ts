import type { WeightMatrix } from "../model/matrix.ts";
import { type Multiply, type ReversedProduct, transpose } from "../transformer/backward-tools.ts";
import type { MatrixCurvature } from "../transformer/curvature.ts";

/** Adds up squared derivatives, product by product. */
export interface CurvatureTally {
  /** Takes one window at a time: the gradient of a call is squared as a whole. */
  readonly add: (product: ReversedProduct) => void;
  /** The sums over everything added, per prediction; null where nothing could be added. */
  readonly means: (predictions: number) => readonly (MatrixCurvature | null)[];
}

/**
 * The LM head reaches no label but that of its own token. So there is nothing to add up before
 * squaring, and the sum of the squares of tokens has the same mean with less noise.
 */
const squaresByToken = ({ module }: WeightMatrix): boolean => module === "lm-head";

export function createCurvatureTally(
  matrices: readonly WeightMatrix[],
  multiply: Multiply,
): CurvatureTally {
  const sums = matrices.map((matrix) => (matrix.module === "embedding" ? null : zeros(matrix)));
  const largest = matrices.reduce((most, m) => Math.max(most, m.inputs * m.outputs), 0);
  const gradient = new Float32Array(largest);
  const turned = createTurner();
  return {
    add: (product) => {
      const { matrix, x, dy, dx, rows } = product;
      const to = sums[matrix.id]!;
      const ranges = largestSquares(x, rows, matrix.inputs);
      addSquares(dy, rows, ranges, to.outputs, to.outputsTimesRange);
      addSquares(dx, rows, ranges, to.inputs, to.inputsTimesRange);
      const [dyTurned, xTurned] = turned(product);
      const gradientOf = () =>
        multiply(dyTurned, matrix.outputs, xTurned, matrix.inputs, rows, gradient);
      if (!squaresByToken(matrix)) {
        gradientOf();
        for (let i = 0; i < to.weights.length; i++) to.weights[i]! += gradient[i]! * gradient[i]!;
      }
      square(dyTurned);
      square(xTurned);
      gradientOf();
      for (let i = 0; i < to.reads.length; i++) to.reads[i]! += gradient[i]!;
    },
    means: (predictions) => {
      for (const sum of sums)
        for (const values of new Set<Float32Array | Float64Array>(Object.values(sum ?? {})))
          for (let i = 0; i < values.length; i++) values[i] = values[i]! / predictions;
      return sums;
    },
  };
}

function zeros(matrix: WeightMatrix): MatrixCurvature {
  const { inputs, outputs } = matrix;
  const reads = new Float32Array(outputs * inputs);
  return {
    weights: squaresByToken(matrix) ? reads : new Float32Array(outputs * inputs),
    reads,
    outputs: new Float64Array(outputs),
    outputsTimesRange: new Float64Array(outputs),
    inputs: new Float64Array(inputs),
    inputsTimesRange: new Float64Array(inputs),
  };
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

/** Adds the squares of every column, as they are and times a factor of the row. */
function addSquares(
  values: Float32Array,
  rows: number,
  factors: Float64Array,
  plain: Float64Array,
  timesFactor: Float64Array,
): void {
  const width = plain.length;
  for (let row = 0; row < rows; row++) {
    const factor = factors[row]!;
    for (let i = 0; i < width; i++) {
      const value = values[row * width + i]! * values[row * width + i]!;
      plain[i] = plain[i]! + value;
      timesFactor[i] = timesFactor[i]! + value * factor;
    }
  }
}

function square(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * values[i]!;
}

/**
 * y[row] = x[row] / sqrt(mean(x[row]^2) + epsilon) * weight, summed in float64.
 *
 * @param x [rows][weight.length]; may be the same array as y
 * @source Zhang and Sennrich, "Root Mean Square Layer Normalization", NeurIPS 2019.
 */
export function rmsNorm(
  x: Float32Array,
  rows: number,
  weight: Float32Array,
  epsilon: number,
  y: Float32Array,
): void {
  const width = weight.length;
  for (let row = 0, begin = 0; row < rows; row++, begin += width) {
    const factor = 1 / Math.sqrt(sumOfSquares(x, begin, width) / width + epsilon);
    for (let i = 0; i < width; i++) y[begin + i] = x[begin + i]! * factor * weight[i]!;
  }
}

/** In four parts, so that an addition need not wait for the one before it. */
function sumOfSquares(x: Float32Array, begin: number, count: number): number {
  const end = begin + count;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = begin;
  for (; i + 4 <= end; i += 4) {
    a += x[i]! * x[i]!;
    b += x[i + 1]! * x[i + 1]!;
    c += x[i + 2]! * x[i + 2]!;
    d += x[i + 3]! * x[i + 3]!;
  }
  for (; i < end; i++) a += x[i]! * x[i]!;
  return a + b + (c + d);
}

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
    let squares = 0;
    for (let i = begin; i < begin + width; i++) squares += x[i]! * x[i]!;
    const factor = 1 / Math.sqrt(squares / width + epsilon);
    for (let i = 0; i < width; i++) y[begin + i] = x[begin + i]! * factor * weight[i]!;
  }
}

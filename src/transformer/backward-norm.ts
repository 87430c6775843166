import type { NormName, ReverseHooks } from "./backward-tools.ts";

/** Which norm, and its weights. */
export interface NormPart {
  readonly name: NormName;
  readonly layer: number;
  readonly weight: Float32Array;
  readonly epsilon: number;
}

/**
 * Gradient through y = x r w with r = (mean(x^2) + epsilon)^(-1/2):
 * dx = r w dy - x r^3 / width * sum(dy w x), and dw = sum over rows of dy x r.
 *
 * @param x what went into the norm. [rows][width]
 * @param dy [rows][width]
 * @param dx [rows][width], overwritten; may be the same array as dy
 */
export function reverseRmsNorm(
  x: Float32Array,
  dy: Float32Array,
  rows: number,
  { name, layer, weight, epsilon }: NormPart,
  dx: Float32Array,
  { onNorm }: ReverseHooks,
): void {
  const width = weight.length;
  const gradient = new Float64Array(width);
  for (let row = 0, begin = 0; row < rows; row++, begin += width) {
    let squares = 0;
    let along = 0;
    for (let i = 0; i < width; i++) {
      const value = x[begin + i]!;
      squares += value * value;
      along += dy[begin + i]! * weight[i]! * value;
    }
    const r = 1 / Math.sqrt(squares / width + epsilon);
    const pull = (along * r * r * r) / width;
    for (let i = 0; i < width; i++) {
      const value = x[begin + i]!;
      const error = dy[begin + i]!;
      gradient[i] = gradient[i]! + error * value * r;
      dx[begin + i] = error * weight[i]! * r - value * pull;
    }
  }
  onNorm?.(name, layer, gradient);
}

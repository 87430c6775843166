/** Cosines and sines of the rotary position embedding. */
export interface RotaryTable {
  /** Width of a head, even. */
  readonly headFeatures: number;
  readonly positions: number;
  /** [positions][headFeatures / 2] */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/**
 * Angle of pair i at position p: p * theta^(-2i / width).
 *
 * Frequencies and angles are rounded to float32, as the reference implementations of these models
 * do: at position 500 that moves an angle by up to 3e-5.
 *
 * @source Su et al., "RoFormer", arXiv 2104.09864, eq. 15.
 */
export function rotaryTable(theta: number, headFeatures: number, positions: number): RotaryTable {
  const half = headFeatures / 2;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let i = 0; i < half; i++) {
    const frequency = Math.fround(1 / theta ** ((2 * i) / headFeatures));
    for (let p = 0; p < positions; p++) {
      const angle = Math.fround(p * frequency);
      cos[p * half + i] = Math.cos(angle);
      sin[p * half + i] = Math.sin(angle);
    }
  }
  return { headFeatures, positions, cos, sin };
}

/**
 * Rotates every head of every row in place; feature i is paired with feature i + width / 2.
 *
 * @param x [rows][heads * width]
 * @param windowBegin [windows + 1]; positions count from the begin of each window
 */
export function rotate(
  x: Float32Array,
  heads: number,
  windowBegin: Int32Array,
  { headFeatures, cos, sin }: RotaryTable,
): void {
  const half = headFeatures / 2;
  for (let w = 0; w + 1 < windowBegin.length; w++) {
    const begin = windowBegin[w]!;
    for (let row = begin; row < windowBegin[w + 1]!; row++) {
      const angles = (row - begin) * half;
      for (let h = 0; h < heads; h++) {
        const head = (row * heads + h) * headFeatures;
        for (let i = 0; i < half; i++) {
          const c = cos[angles + i]!;
          const s = sin[angles + i]!;
          const a = x[head + i]!;
          const b = x[head + half + i]!;
          x[head + i] = a * c - b * s;
          x[head + half + i] = b * c + a * s;
        }
      }
    }
  }
}

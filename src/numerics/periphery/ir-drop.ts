/** Voltage lost along the bit lines, in closed form. */

const f32 = Math.fround;

/** 1 - (1 - k/n)^2 of row k of n: row 0 is farthest from the ADC. */
export function placeWeight(k: number, rows: number): number {
  const far = 1 - k / rows;
  return f32(1 - far * far);
}

/**
 * Share of the position-weighted sum that is lost.
 *
 * @param a total current sum |w| |v| times rows over the conductance ratio; beyond a few units the
 *   cubic has left its range
 * @source AIHWKIT, ir_drop: y -= ir_drop * a (a (0.05 a - 0.2) + 0.5) * sum w v (1 - (1 - k/n)^2);
 *   Rasch et al., Nature Communications 14, 5282 (2023).
 */
export function lostShare(a: number): number {
  return f32(a * f32(f32(a * f32(f32(f32(0.05) * a) - f32(0.2))) + 0.5));
}

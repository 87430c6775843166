import { expOfNegative } from "./exp.ts";

/**
 * gate = silu(gate) * up, in place; silu(x) = x / (1 + e^-x).
 *
 * @source Shazeer, "GLU Variants Improve Transformer", arXiv 2002.05202, eq. 6.
 */
export function swiglu(gate: Float32Array, up: Float32Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const x = gate[i]!;
    const e = expOfNegative(x < 0 ? x : -x);
    // sigmoid(x), by whichever of e^x and e^-x does not overflow
    gate[i] = ((x < 0 ? e : 1) / (1 + e)) * x * up[i]!;
  }
}

/** to[i] += from[i] */
export function addTo(to: Float32Array, from: Float32Array, count: number): void {
  for (let i = 0; i < count; i++) to[i] = to[i]! + from[i]!;
}

/**
 * added[floor(slots[s] / k)] += weights[slots[s]] * y[s], in the order of s.
 *
 * @param y [count][width]
 */
export function addWeighted(
  y: Float32Array,
  slots: Int32Array,
  weights: Float32Array,
  count: number,
  k: number,
  width: number,
  added: Float32Array,
): void {
  for (let s = 0; s < count; s++) {
    const slot = slots[s]!;
    const weight = weights[slot]!;
    const to = Math.floor(slot / k) * width;
    const from = s * width;
    for (let c = 0; c < width; c++) added[to + c] = added[to + c]! + weight * y[from + c]!;
  }
}

import type { Projection } from "../../src/numerics/engine.ts";

/**
 * y = W x in TypeScript, 4 rows by 4 outputs at a time, summed in float64 in the order of inputs:
 * independent of the engines, and of how rows are batched.
 */
export function plainProjection(
  weights: Float32Array,
  outputs: number,
  inputs: number,
): Projection {
  const w = Float64Array.from(weights);
  const apply = (x32: Float32Array, rows: number, _rowIds: Uint32Array, y: Float32Array): void => {
    const x = Float64Array.from(x32.subarray(0, rows * inputs));
    for (let r = 0; r < rows; r += 4)
      for (let o = 0; o < outputs; o += 4) {
        if (r + 4 <= rows && o + 4 <= outputs) square(x, r, w, o, inputs, outputs, y);
        else edge(x, r, Math.min(rows, r + 4), w, o, Math.min(outputs, o + 4), inputs, outputs, y);
      }
  };
  return { inputs, outputs, apply };
}

function edge(
  x: Float64Array,
  rowBegin: number,
  rowEnd: number,
  w: Float64Array,
  begin: number,
  end: number,
  inputs: number,
  outputs: number,
  y: Float32Array,
): void {
  for (let r = rowBegin; r < rowEnd; r++)
    for (let o = begin; o < end; o++) {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += x[r * inputs + i]! * w[o * inputs + i]!;
      y[r * outputs + o] = sum;
    }
}

function square(
  x: Float64Array,
  row: number,
  w: Float64Array,
  output: number,
  inputs: number,
  outputs: number,
  y: Float32Array,
): void {
  for (let o = output; o < output + 4; o += 2) {
    const x0 = row * inputs;
    const x1 = x0 + inputs;
    const x2 = x1 + inputs;
    const x3 = x2 + inputs;
    const w0 = o * inputs;
    const w1 = w0 + inputs;
    let [s00, s01, s10, s11, s20, s21, s30, s31] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < inputs; i++) {
      const a = w[w0 + i]!;
      const b = w[w1 + i]!;
      s00 += x[x0 + i]! * a;
      s01 += x[x0 + i]! * b;
      s10 += x[x1 + i]! * a;
      s11 += x[x1 + i]! * b;
      s20 += x[x2 + i]! * a;
      s21 += x[x2 + i]! * b;
      s30 += x[x3 + i]! * a;
      s31 += x[x3 + i]! * b;
    }
    const to = row * outputs + o;
    y[to] = s00;
    y[to + 1] = s01;
    y[to + outputs] = s10;
    y[to + outputs + 1] = s11;
    y[to + 2 * outputs] = s20;
    y[to + 2 * outputs + 1] = s21;
    y[to + 3 * outputs] = s30;
    y[to + 3 * outputs + 1] = s31;
  }
}

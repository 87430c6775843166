/** One analog read of a crossbar: currents, wires, offsets, read noise. */
import { unreachable } from "../../units/exhaustive.ts";
import type { Draws } from "./draws.ts";
import type { Instance } from "./instance.ts";
import type { IoParameters } from "./io-parameters.ts";
import { lostShare, placeWeight } from "./ir-drop.ts";

const f32 = Math.fround;

/**
 * y = W v, then IR drop, then series resistance and voltage offsets, then read noise.
 *
 * @param weights [outputs][inputs] as this pass sees them
 * @param v [inputs] DAC values
 * @param turn which read of the vector this is
 * @returns [outputs]
 */
export function analogPass(
  io: IoParameters,
  instance: Instance,
  weights: Float32Array,
  v: Float32Array,
  draws: Draws,
  turn: number,
): Float32Array {
  const y = product(weights, v);
  if (io.ir_drop > 0) dropIr(io, weights, v, y);
  if (io.r_series > 0 || instance.v_offset.some((offset) => offset > 0))
    bendByResistance(io, instance.v_offset, v, y);
  if (io.w_noise > 0 && io.w_noise_type !== "None") addReadNoise(io, weights, v, y, draws, turn);
  return y;
}

/** @param weights [outputs][inputs] */
export function product(weights: Float32Array, v: Float32Array): Float32Array {
  const inputs = v.length;
  const y = new Float32Array(inputs === 0 ? 0 : weights.length / inputs);
  for (let o = 0; o < y.length; o++) {
    let sum = 0;
    for (let k = 0; k < inputs; k++) sum += weights[o * inputs + k]! * v[k]!;
    y[o] = sum;
  }
  return y;
}

function dropIr(io: IoParameters, weights: Float32Array, v: Float32Array, y: Float32Array): void {
  const inputs = v.length;
  const perCurrent = inputs / io.ir_drop_g_ratio;
  const place = Float32Array.from({ length: inputs }, (_, k) => placeWeight(k, inputs));
  for (let o = 0; o < y.length; o++) {
    let current = 0;
    let placed = 0;
    for (let k = 0; k < inputs; k++) {
      const term = weights[o * inputs + k]! * v[k]!;
      current += Math.abs(term);
      placed += term * place[k]!;
    }
    y[o] = y[o]! - io.ir_drop * lostShare(f32(current * perCurrent)) * placed;
  }
}

/**
 * Series resistance R and voltage offsets V, for devices whose weight 0 is w0 above no current.
 *
 * @source AIHWKIT, r_series and v_offset.
 */
function bendByResistance(
  io: IoParameters,
  offsets: Float32Array,
  v: Float32Array,
  y: Float32Array,
): void {
  const R = io.r_series;
  const zeroWeight = -io.v_offset_w_min;
  const zero = zeroWeight * v.reduce((a, b) => a + b, 0);
  const bend = (current: number): number => current / (1 + R * Math.abs(current));
  for (let o = 0; o < y.length; o++) {
    const V = offsets[o]!;
    if (zeroWeight === 0) y[o] = (1 - V) * bend(y[o]!);
    else if (R > 0) y[o] = (1 - V) * bend(y[o]! + zero) - (1 + V) * bend(zero);
    else y[o] = y[o]! * (1 - V) - 2 * V * zero;
  }
}

/** Noise of the weights, the same for all of a read, referred to the outputs. */
function addReadNoise(
  io: IoParameters,
  weights: Float32Array,
  v: Float32Array,
  y: Float32Array,
  draws: Draws,
  turn: number,
): void {
  const z = draws.normals("weight-read", y.length, turn);
  for (let o = 0; o < y.length; o++)
    y[o] = y[o]! + io.w_noise * Math.sqrt(energy(io.w_noise_type, weights, v, o)) * z[o]!;
}

/** Variance of the read noise of an output, over w_noise^2. */
function energy(
  type: IoParameters["w_noise_type"],
  weights: Float32Array,
  v: Float32Array,
  output: number,
): number {
  let sum = 0;
  switch (type) {
    case "None":
      return 0;
    case "AdditiveConstant":
      for (let k = 0; k < v.length; k++) sum += v[k]! ** 2;
      return sum;
    case "PCMRead":
      for (let k = 0; k < v.length; k++)
        sum += Math.abs(weights[output * v.length + k]!) * v[k]! ** 2;
      return sum;
    default:
      return unreachable(type);
  }
}

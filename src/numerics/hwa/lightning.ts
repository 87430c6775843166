/**
 * A linear layer as AIHWKIT-Lightning trains it: in units of the logical weights, with quantised
 * inputs, weights and outputs and with noise; no conductances.
 *
 * @source AIHWKIT-Lightning 2.0.1 (Buechel et al.), AnalogLinear, torch path.
 */

import { fillNormals, type NoiseAddress } from "../../random/philox.ts";
import { clip, roundHalfEven } from "../quantise.ts";
import { rowMaxima } from "./clip.ts";

const f32 = Math.fround;

export interface LightningConfig {
  /** DAC and ADC: > 1 states, < 1 share of the full range, <= 0 off. */
  readonly inp_res: number;
  readonly out_res: number;
  /** ADC bound in units of (range) x (largest weight); <= 0: none. */
  readonly out_bound: number;
  /** Output noise in the same units; training only. */
  readonly out_noise: number;
  readonly out_noise_per_channel: boolean;
  /** Inputs of one slice; <= 0: all. */
  readonly max_input_size: number;
  /** static: one range a slice, inputs clipped; dynamic: max |x| of each vector's slice; none. */
  readonly input_range: "none" | "static" | "dynamic";
  readonly weight_noise: "None" | "AddNormal" | "AddNormalPerChannel";
  readonly weight_std_dev: number;
  readonly weight_quantisation: "None" | "Discretize" | "DiscretizePerChannel";
  readonly weight_res: number;
  readonly clip_type: "None" | "LayerGaussian" | "LayerGaussianPerChannel" | "LearnablePerChannel";
}

export const LIGHTNING_DEFAULTS: LightningConfig = {
  inp_res: -1,
  out_res: -1,
  out_bound: 0,
  out_noise: 0,
  out_noise_per_channel: false,
  max_input_size: -1,
  input_range: "none",
  weight_noise: "None",
  weight_std_dev: 0,
  weight_quantisation: "None",
  weight_res: 0,
  clip_type: "None",
};

export interface LightningLayer {
  /** [outputs][inputs] */
  readonly weights: Float32Array;
  readonly outputs: number;
  readonly inputs: number;
  readonly config: LightningConfig;
  /** Full scale of each slice; used by `static`. */
  readonly ranges: ArrayLike<number>;
  /** Learnable clips, [slices][outputs]; used by `LearnablePerChannel`. */
  readonly clips?: readonly Float32Array[];
  /** Present while training: the address of the step's noise. */
  readonly training?: Pick<NoiseAddress, "seed" | "matrix" | "row">;
}

/** Half-open range of inputs. */
export type Slice = readonly [begin: number, end: number];

/** What the backward pass needs of a slice. */
export interface SliceTape {
  readonly slice: Slice;
  /** Weights as multiplied, how they came about, and as they are. [outputs][width] */
  readonly weights: Float32Array;
  readonly raw: Float32Array;
  readonly codes: WeightCodes;
  /** Inputs as multiplied. [rows][width] */
  readonly x: Float32Array;
  readonly range: number;
  /** 1 where the ADC did not clip. [rows][outputs] */
  readonly open: Uint8Array;
}

/** Steps of the weights' codes: q = w / step, clipped at +-limit. */
export interface WeightCodes {
  /** [outputs]; Infinity: no clip, no rounding. */
  readonly step: Float32Array;
  readonly limit: number;
  readonly rounds: boolean;
}

/** Balanced parts of at most `max` inputs; the first (inputs mod parts) are one larger. */
export function slicesOf(inputs: number, max: number): readonly Slice[] {
  const parts = max > 0 ? Math.ceil(inputs / max) : 1;
  const size = Math.floor(inputs / parts);
  let begin = 0;
  return Array.from({ length: parts }, (_, i) => {
    const end = begin + size + (i < inputs % parts ? 1 : 0);
    const slice: Slice = [begin, end];
    begin = end;
    return slice;
  });
}

/**
 * y = layer(x) and what is needed to go back.
 *
 * @param x [rows][inputs]
 * @param bias [outputs]
 */
export function lightningForward(
  layer: LightningLayer,
  x: Float32Array,
  rows: number,
  bias?: ArrayLike<number>,
): { readonly y: Float32Array; readonly tape: readonly SliceTape[] } {
  const { outputs, inputs, config } = layer;
  const slices = slicesOf(inputs, config.max_input_size);
  const y = new Float32Array(rows * outputs);
  const tape = slices.map((slice, index) => {
    const part = forwardSlice(layer, slice, index, slices.length, x, rows);
    for (let i = 0; i < y.length; i++) y[i] = y[i]! + part.y[i]!;
    return part.tape;
  });
  if (bias !== undefined) for (let i = 0; i < y.length; i++) y[i] = y[i]! + bias[i % outputs]!;
  return { y, tape };
}

function forwardSlice(
  layer: LightningLayer,
  slice: Slice,
  index: number,
  slices: number,
  x: Float32Array,
  rows: number,
): { readonly y: Float32Array; readonly tape: SliceTape } {
  const { outputs, inputs, config } = layer;
  const [begin, end] = slice;
  const width = end - begin;
  const raw = cut(layer.weights, inputs, slice, outputs);
  const maxima = rowMaxima(raw, width);
  const clips = config.clip_type === "LearnablePerChannel" ? layer.clips?.[index] : undefined;
  const codes = codesOf(config, maxima, clips);
  const weights = modify(layer, index, raw, codes, clips ?? maxima);
  const driven = cut(x, inputs, slice, rows);
  const ranges = new Float32Array(rows);
  for (let row = 0; row < rows; row++)
    ranges[row] = drive(
      config,
      driven.subarray(row * width, (row + 1) * width),
      layer.ranges[index]!,
    );
  const y = multiply(weights, driven, outputs, rows, width);
  if (layer.training !== undefined && config.out_noise > 0)
    addOutputNoise(layer, index, slices, y, ranges, maxima);
  const open = convert(config, y, ranges, maxima);
  const range = layer.ranges[index]!;
  return { y, tape: { slice, weights, raw, codes, x: driven, range, open } };
}

/** Columns begin..end of a matrix with `width` columns. */
function cut(matrix: Float32Array, width: number, [begin, end]: Slice, rows: number): Float32Array {
  const out = new Float32Array(rows * (end - begin));
  for (let row = 0; row < rows; row++)
    out.set(matrix.subarray(row * width + begin, row * width + end), row * (end - begin));
  return out;
}

/** LSB over the full range, as a share of the bound. */
const lsbShare = (res: number): number => 2 * (res > 1 ? 1 / res : res);

/** Clips and rounds a vector in place. @returns its range */
function drive(config: LightningConfig, x: Float32Array, fixed: number): number {
  if (config.input_range === "none") return 1;
  const range =
    config.input_range === "static"
      ? Math.abs(fixed)
      : x.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const step = f32(range * lsbShare(config.inp_res));
  for (let k = 0; k < x.length; k++) {
    const value = clip(x[k]!, range);
    x[k] = step > 0 ? roundHalfEven(f32(value / step)) * step : value;
  }
  return range;
}

function codesOf(
  config: LightningConfig,
  maxima: Float32Array,
  clips: Float32Array | undefined,
): WeightCodes {
  const { weight_quantisation: kind, weight_res: res } = config;
  const perChannel = clips ?? maxima;
  if (kind === "None" || !(res > 0)) {
    const off = new Float32Array(maxima.length).fill(Infinity);
    return { step: clips ?? off, limit: 1, rounds: false };
  }
  const states = Math.max(res, 1 / res);
  const layerMax = maxima.reduce((a, b) => Math.max(a, b), 0);
  const m = kind === "DiscretizePerChannel" ? perChannel : maxima.map(() => layerMax);
  return { step: m.map((max) => (2 * max) / states), limit: states / 2, rounds: true };
}

/** Weights as the slice multiplies with them. @param scales largest weight or clip of each row */
function modify(
  layer: LightningLayer,
  index: number,
  raw: Float32Array,
  { step, limit, rounds }: WeightCodes,
  scales: Float32Array,
): Float32Array {
  const { config, outputs, training } = layer;
  const width = raw.length / outputs;
  const out = raw.map((w, i) => {
    const s = step[Math.floor(i / width)]!;
    if (!(s > 0) || s === Infinity) return w;
    if (!rounds) return clip(w, s * limit);
    return clip(roundHalfEven(f32(w / s)), limit) * s;
  });
  if (training === undefined || config.weight_noise === "None") return out;
  const z = new Float32Array(out.length);
  fillNormals(z, { ...training, block: index, purpose: "weight-modifier" });
  const largest = scales.reduce((a, b) => Math.max(a, b), 0);
  return out.map((w, i) => {
    const scale = config.weight_noise === "AddNormal" ? largest : scales[Math.floor(i / width)]!;
    return w + config.weight_std_dev * scale * z[i]!;
  });
}

function multiply(
  weights: Float32Array,
  x: Float32Array,
  outputs: number,
  rows: number,
  width: number,
): Float32Array {
  const y = new Float32Array(rows * outputs);
  for (let row = 0; row < rows; row++)
    for (let o = 0; o < outputs; o++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += x[row * width + k]! * weights[o * width + k]!;
      y[row * outputs + o] = sum;
    }
  return y;
}

function addOutputNoise(
  { config, training }: LightningLayer,
  index: number,
  slices: number,
  y: Float32Array,
  ranges: Float32Array,
  maxima: Float32Array,
): void {
  const outputs = maxima.length;
  const largest = maxima.reduce((a, b) => Math.max(a, b), 0);
  const z = new Float32Array(y.length);
  fillNormals(z, { ...training!, block: index, purpose: "output" });
  for (let i = 0; i < y.length; i++) {
    const scale = config.out_noise_per_channel ? maxima[i % outputs]! : largest;
    const sigma = (config.out_noise / Math.sqrt(slices)) * ranges[Math.floor(i / outputs)]! * scale;
    y[i] = y[i]! + sigma * z[i]!;
  }
}

/** ADC in place. @returns 1 where an output was within the bound */
function convert(
  config: LightningConfig,
  y: Float32Array,
  ranges: Float32Array,
  maxima: Float32Array,
): Uint8Array {
  const open = new Uint8Array(y.length).fill(1);
  if (!(config.out_bound > 0)) return open;
  const outputs = maxima.length;
  const perChannel = config.clip_type.endsWith("PerChannel");
  const largest = maxima.reduce((a, b) => Math.max(a, b), 0);
  for (let i = 0; i < y.length; i++) {
    const scale = perChannel ? maxima[i % outputs]! : largest;
    const bound = f32(f32(ranges[Math.floor(i / outputs)]! * config.out_bound) * scale);
    const step = config.out_res > 0 ? f32(bound * lsbShare(config.out_res)) : 0;
    const code = step > 0 ? roundHalfEven(f32(y[i]! / step)) * step : y[i]!;
    if (Math.abs(code) > bound) open[i] = 0;
    y[i] = clip(code, bound);
  }
  return open;
}

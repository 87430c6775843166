/**
 * Weight modifiers of hardware-aware training: noisy or coarse copies of the weights, made anew for
 * each step and used by its forward and backward pass.
 */

import { fillNormals, fillUniforms, type NoiseAddress } from "../../random/philox.ts";
import { unreachable } from "../../units/exhaustive.ts";
import { polynomial } from "../devices/device.ts";
import { roundHalfEven } from "../quantise.ts";

/** @source AIHWKIT 1.1.0, WeightModifierParameter; names and defaults are its own. */
export interface WeightModifier {
  readonly type:
    | "None"
    | "Discretize"
    | "AddNormal"
    | "MultNormal"
    | "DiscretizeAddNormal"
    | "DoReFa"
    | "Poly"
    | "ProgNoise"
    | "DropConnect";
  readonly std_dev: number;
  /** Distance of levels over the largest weight. */
  readonly res: number;
  /** Probability that a weight is dropped, after any other modification. */
  readonly pdrop: number;
  /** Relative to the largest weight there is, or to assumed_wmax. */
  readonly rel_to_actual_wmax: boolean;
  readonly assumed_wmax: number;
  /** Full scale of ProgNoise's coefficients, uS. */
  readonly g_max: number;
  readonly dorefa_clip: number;
  readonly coeffs: readonly number[];
  /** Leaves the last column (a bias) as it is. */
  readonly copy_last_column: boolean;
}

export const MODIFIER_DEFAULTS: WeightModifier = {
  type: "None",
  std_dev: 0,
  res: 0,
  pdrop: 0,
  rel_to_actual_wmax: true,
  assumed_wmax: 1,
  g_max: 25,
  dorefa_clip: 0.6,
  coeffs: [0.0105392, 0.0768, -0.046925],
  copy_last_column: false,
};

/** Seed and matrix of the layer, and the step it is. */
export type ModifierAddress = Pick<NoiseAddress, "seed" | "matrix" | "row">;

/**
 * A modified copy of the weights.
 *
 * @param weights [outputs][inputs]
 * @param normals `fillNormals`, or an engine's faster equal
 * @source AIHWKIT 1.1.0, weight modifier of the CPU engine; Rasch et al. 2023.
 */
export function modifyWeights(
  weights: Float32Array,
  inputs: number,
  modifier: WeightModifier,
  address: ModifierAddress,
  normals: typeof fillNormals = fillNormals,
): Float32Array {
  const max = modifier.rel_to_actual_wmax ? largestMagnitude(weights) : modifier.assumed_wmax;
  const change = createChange(modifier, max === 0 ? 1 : max);
  const z = new Float32Array(weights.length);
  if (modifier.std_dev > 0) normals(z, { ...address, block: 0, purpose: "weight-modifier" });
  const out = weights.map((w, i) => change(w, z[i]!));
  if (modifier.pdrop > 0) dropSome(out, modifier.pdrop, address);
  if (modifier.copy_last_column)
    for (let i = inputs - 1; i < out.length; i += inputs) out[i] = weights[i]!;
  return out;
}

/** One weight, with a standard normal. @param max A: largest weight */
function createChange(m: WeightModifier, max: number): (w: number, z: number) => number {
  const sigma = m.std_dev * max;
  const polynomialSigma = (w: number): number => sigma * polynomial(m.coeffs, Math.abs(w) / max);
  const level = (w: number): number => roundToLevel(w, m.res * max);
  switch (m.type) {
    case "None":
    case "DropConnect":
      return (w) => w;
    case "Discretize":
      return level;
    case "AddNormal":
      return (w, z) => w + sigma * z;
    case "MultNormal":
      return (w, z) => w + w * sigma * z;
    case "DiscretizeAddNormal":
      return (w, z) => level(w) + sigma * z;
    case "DoReFa":
      return (w) => roundToLevel((Math.tanh(w) * m.dorefa_clip) / Math.tanh(max), m.res);
    case "Poly":
      return (w, z) => w + polynomialSigma(w) * z;
    case "ProgNoise":
      // The sign is that of the device pair and stays: what would cross zero is reflected.
      return (w, z) => {
        const noisy = w + (polynomialSigma(w) / m.g_max) * z;
        return w < 0 ? -Math.abs(noisy) : Math.abs(noisy);
      };
    default:
      return unreachable(m.type);
  }
}

/** To the nearest multiple, halves away from zero; a step of 0 changes nothing. */
function roundToLevel(value: number, step: number): number {
  if (!(step > 0)) return value;
  return Math.sign(value) * Math.floor(Math.abs(value) / step + 0.5) * step;
}

/**
 * The torch tile's other convention: `res` is a share of the full range or, above 1, the number of
 * states; halves go to the even level.
 *
 * @param max what the largest code stands for
 */
export function discretiseToStates(value: number, res: number, max: number): number {
  const step = 2 * max * (res > 1 ? 1 / res : res);
  return step > 0 ? roundHalfEven(value / step) * step : value;
}

function dropSome(out: Float32Array, probability: number, address: ModifierAddress): void {
  const u = new Float32Array(out.length);
  fillUniforms(u, { ...address, block: 1, purpose: "weight-modifier" });
  for (let i = 0; i < out.length; i++) if (u[i]! < probability) out[i] = 0;
}

function largestMagnitude(values: Float32Array): number {
  let max = 0;
  for (let i = 0; i < values.length; i++) max = Math.max(max, Math.abs(values[i]!));
  return max;
}

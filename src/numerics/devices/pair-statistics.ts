/**
 * Phase-change pairs in float32, each operation rounded once: the definition that the SIMD kernel
 * `../assembly/program.ts` repeats bit for bit. `phase-change.ts` has the same formulas in float64.
 */
import { exp32, ln32 } from "../../random/elementary.ts";
import { type DeviceModel, flickerGrowth, type NoiseScales } from "./device.ts";

const f32 = Math.fround;

/** Statistics whose logarithms, powers and polynomials the kernel knows; q = g / g_max. */
export interface PairStatistics {
  readonly gMax_uS: number;
  /** Standard deviation of programming: a polynomial of q. */
  readonly programming_uS: readonly [number, number, number];
  /** Mean of the drift exponent: slope ln q + offset, within low..high. */
  readonly exponentMean: Ramp;
  readonly exponentStd: Ramp;
  /** Read noise over the conductance, before its growth: min(cap, factor q^power). */
  readonly read: { readonly factor: number; readonly power: number; readonly cap: number };
  /** ln q is taken of no less. */
  readonly smallestQ: number;
  readonly t0_s: number;
  readonly read_s: number;
}

interface Ramp {
  readonly slope: number;
  readonly offset: number;
  readonly low: number;
  readonly high: number;
}

/** Places of the constants in kernel memory. */
const AT = {
  perWeight: 0,
  perConductance: 1,
  perGMax: 2,
  sigma0: 3,
  sigma1: 4,
  sigma2: 5,
  smallestQ: 6,
  mean: 7,
  std: 11,
  perExponent: 15,
  readFactor: 16,
  readPower: 17,
  readCap: 18,
  growth: 19,
} as const;
/** How many there are; a multiple of 4. */
export const PAIR_CONSTANTS = 20;

/**
 * All that depends on neither weight nor random number.
 *
 * @param omega normalised weight that takes the largest conductance
 */
export function pairConstants(
  s: PairStatistics,
  scales: NoiseScales,
  omega: number,
  age_s: number,
): Float32Array {
  const time_s = age_s + s.t0_s;
  const c = new Float32Array(PAIR_CONSTANTS);
  c[AT.perWeight] = s.gMax_uS / omega;
  c[AT.perConductance] = omega / s.gMax_uS;
  c[AT.perGMax] = 1 / s.gMax_uS;
  c.set(
    s.programming_uS.map((coefficient) => coefficient * scales.programming),
    AT.sigma0,
  );
  c[AT.smallestQ] = s.smallestQ;
  for (const [ramp, at] of [
    [s.exponentMean, AT.mean],
    [s.exponentStd, AT.std],
  ] as const)
    c.set([ramp.slope, ramp.offset, ramp.low, ramp.high], at);
  c[AT.perExponent] = -scales.drift * Math.log(time_s / s.t0_s);
  c.set([s.read.factor, s.read.power, s.read.cap], AT.readFactor);
  c[AT.growth] = scales.read * flickerGrowth(time_s, s.read_s);
  return c;
}

/** Conductance right after programming. */
function written(c: Float32Array, target_uS: number, z: number): number {
  const q = f32(target_uS * c[AT.perGMax]!);
  const poly = f32(f32(c[AT.sigma2]! * q) + c[AT.sigma1]!);
  const sigma = Math.max(0, f32(f32(poly * q) + c[AT.sigma0]!));
  return Math.max(0, f32(f32(sigma * z) + target_uS));
}

function ramp(c: Float32Array, at: number, lnQ: number): number {
  return Math.min(Math.max(f32(f32(c[at]! * lnQ) + c[at + 1]!), c[at + 2]!), c[at + 3]!);
}

/** Conductance at the age. */
function aged(
  c: Float32Array,
  target_uS: number,
  written_uS: number,
  zDrift: number,
  zRead: number,
): number {
  const smallest = c[AT.smallestQ]!;
  const perGMax = c[AT.perGMax]!;
  const lnTarget = ln32(Math.max(smallest, f32(target_uS * perGMax)));
  const mean = ramp(c, AT.mean, lnTarget);
  const exponent = Math.abs(f32(f32(ramp(c, AT.std, lnTarget) * zDrift) + mean));
  const drifted = f32(written_uS * exp32(f32(exponent * c[AT.perExponent]!)));
  const lnNow = ln32(Math.max(smallest, f32(written_uS * perGMax)));
  const power = exp32(f32(c[AT.readPower]! * lnNow));
  const share = Math.min(c[AT.readCap]!, f32(c[AT.readFactor]! * power));
  const sigma = f32(f32(c[AT.growth]! * share) * drifted);
  return Math.max(0, f32(f32(sigma * zRead) + drifted));
}

/** Standard normals of the two devices of each weight. */
export interface PairNormals {
  readonly program: readonly [Float32Array, Float32Array];
  /** null: nothing has aged. */
  readonly drift: readonly [Float32Array, Float32Array] | null;
  readonly read: readonly [Float32Array, Float32Array] | null;
}

/**
 * Replaces normalised target weights by what differential pairs hold.
 *
 * @param weights [n], in place
 * @param programmed [n] receives the weights before ageing, if they age
 */
export function writePairs32(
  c: Float32Array,
  weights: Float32Array,
  programmed: Float32Array | null,
  z: PairNormals,
): void {
  const perWeight = c[AT.perWeight]!;
  const perConductance = c[AT.perConductance]!;
  for (let k = 0; k < weights.length; k++) {
    const target = f32(weights[k]! * perWeight);
    const plus = Math.max(0, target);
    const minus = Math.max(0, -target);
    const plusNow = written(c, plus, z.program[0][k]!);
    const minusNow = written(c, minus, z.program[1][k]!);
    const held = f32(f32(plusNow - minusNow) * perConductance);
    weights[k] = held;
    if (z.drift === null || z.read === null) continue;
    if (programmed !== null) programmed[k] = held;
    const plusAged = aged(c, plus, plusNow, z.drift[0][k]!, z.read[0][k]!);
    const minusAged = aged(c, minus, minusNow, z.drift[1][k]!, z.read[1][k]!);
    weights[k] = f32(f32(plusAged - minusAged) * perConductance);
  }
}

/** The device model of such statistics: the same numbers, one device at a time. */
export function pairDevice(s: PairStatistics, scales: NoiseScales): DeviceModel {
  const young = pairConstants(s, scales, 1, 0);
  return {
    encoding: "pair",
    gMin_uS: 0,
    gMax_uS: s.gMax_uS,
    exact: false,
    programmingSigma_uS: (target_uS) =>
      scales.programming *
      Math.max(
        0,
        s.programming_uS.reduce((sum, a, i) => sum + a * (target_uS / s.gMax_uS) ** i, 0),
      ),
    program: (target_uS, z) => written(young, target_uS, z),
    ageing: (age_s) => {
      const c = pairConstants(s, scales, 1, age_s);
      return (target_uS, written_uS, zDrift, zRead) =>
        aged(c, target_uS, written_uS, zDrift, zRead);
    },
    pairConstants: (omega, age_s) => pairConstants(s, scales, omega, age_s),
  };
}

/**
 * Random numbers by address: a counter-based generator, so that a number depends on where it is
 * used (seed, matrix, block, purpose, row, index) and never on when, by whom or in which order.
 *
 * The generator is Philox4x32-10; normals come from its words by a Box-Muller transform in float32
 * whose every operation is rounded once, so that `assembly/random.ts` yields the same bits.
 *
 * @source Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */

import { ln32 } from "./elementary.ts";

/**
 * What a draw is for, and its code in the counter. Codes are part of the results: append, never
 * renumber. At most 256.
 */
export const PURPOSES = {
  "programming-plus": 0,
  "programming-minus": 1,
  "drift-exponent-plus": 2,
  "drift-exponent-minus": 3,
  "read-plus": 4,
  "read-minus": 5,
  /** Gaussian noise before the ADC. */
  output: 6,
  /** Short-term read noise of the weights, referred to the output. */
  "weight-read": 7,
  /** Gaussian noise after the DAC. */
  input: 8,
  "dac-rounding": 9,
  "adc-rounding": 10,
  fault: 11,
  "fault-kind": 12,
  /** Fixed spread between the columns of a crossbar: offsets, gains, nonlinearity. */
  mismatch: 13,
  /** Random choice of experts. */
  placement: 14,
  calibration: 15,
  "weight-modifier": 16,
  routing: 17,
  /** Samples and evolution of a design-space search. */
  exploration: 18,
  assignment: 19,
  /** Which images or windows of text serve what, and in which order. */
  "data-order": 20,
  /** First weights of a network to be trained. */
  "initial-weights": 21,
} as const satisfies Record<string, number>;
export type Purpose = keyof typeof PURPOSES;

/** Address of a sequence of random numbers. Two addresses never share a number. */
export interface NoiseAddress {
  /** Whole, 0 to 2^53 - 1. */
  readonly seed: number;
  /** Whole, 0 to 2^32 - 1: which weight matrix, layer or other owner. */
  readonly matrix: number;
  /** Whole, 0 to 2^24 - 1: which block of the matrix. */
  readonly block: number;
  readonly purpose: Purpose;
  /** Whole, 0 to 2^32 - 1: which token, or row of the weights. */
  readonly row: number;
}

/** Multipliers and key increments of Philox4x32. */
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** Second key word for seeds below 2^32; tells our streams from a user's own Philox with key (seed, 0). */
export const KEY_CONSTANT = 0x6f686d65;

/** High word of the 64-bit product of two unsigned 32-bit words, from 16-bit halves. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) >>> 0;
  const carry = (Math.imul(aLow, bHigh) + (middle & 0xffff)) >>> 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}

/** Philox key of a seed. */
export function philoxKey(seed: number): readonly [number, number] {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`seed ${seed} is no whole number >= 0`);
  return [seed >>> 0, (KEY_CONSTANT + Math.floor(seed / 2 ** 32)) >>> 0];
}

/** Last counter word of an address. */
export function philoxStream(address: {
  readonly block: number;
  readonly purpose: Purpose;
}): number {
  return ((address.block << 8) | PURPOSES[address.purpose]) >>> 0;
}

/**
 * One application of Philox4x32-10.
 *
 * @param words [4] the counter on entry, the random words on return
 */
export function philox4x32(words: Uint32Array, key0: number, key1: number): void {
  let x0 = words[0]!;
  let x1 = words[1]!;
  let x2 = words[2]!;
  let x3 = words[3]!;
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = mulHigh(MULTIPLIER_0, x0);
    const low0 = Math.imul(MULTIPLIER_0, x0);
    const high1 = mulHigh(MULTIPLIER_1, x2);
    const low1 = Math.imul(MULTIPLIER_1, x2);
    x0 = high1 ^ x1 ^ k0;
    x1 = low1;
    x2 = high0 ^ x3 ^ k1;
    x3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  words[0] = x0;
  words[1] = x1;
  words[2] = x2;
  words[3] = x3;
}

/**
 * Indices are laid out for four counters side by side: index i uses word (i >> 2) & 3 of counter
 * 4 * (i >> 4) + (i & 3). So 16 numbers come from 4 counters without a transposition in SIMD.
 */
const GROUP = 16;

/**
 * The j-th 32-bit word of an address.
 *
 * @param index whole, 0 to 2^34 - 1
 */
export function wordAt(address: NoiseAddress, index: number): number {
  const [key0, key1] = philoxKey(address.seed);
  const counter = 4 * Math.floor(index / GROUP) + (index & 3);
  const words = Uint32Array.of(counter, address.row, address.matrix, philoxStream(address));
  philox4x32(words, key0, key1);
  return words[(index >> 2) & 3]!;
}

/** A uniform number of 24 bits in [0, 1); `fillUniforms` yields the same at the same index. */
export function uniformAt(address: NoiseAddress, index: number): number {
  return (wordAt(address, index) >>> 8) * 2 ** -24;
}

/** A whole number in 0..n-1; its bias is below n / 2^32. */
export function integerBelow(n: number, address: NoiseAddress, index: number): number {
  return Math.floor((wordAt(address, index) * n) / 2 ** 32);
}

/** A random order of 0..n-1 (Fisher-Yates). */
export function shuffle(n: number, address: NoiseAddress): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const other = integerBelow(i + 1, address, i);
    const moved = order[i]!;
    order[i] = order[other]!;
    order[other] = moved;
  }
  return order;
}

/** The four blocks of words behind 16 consecutive indices, [word][lane]. */
function fillGroup(group: Uint32Array, words: Uint32Array, address: Counter, first: number): void {
  for (let lane = 0; lane < 4; lane++) {
    words[0] = first + lane;
    words[1] = address.row;
    words[2] = address.matrix;
    words[3] = address.stream;
    philox4x32(words, address.key0, address.key1);
    group[lane] = words[0]!;
    group[4 + lane] = words[1]!;
    group[8 + lane] = words[2]!;
    group[12 + lane] = words[3]!;
  }
}

/** An address as words of counter and key. */
interface Counter {
  readonly row: number;
  readonly matrix: number;
  readonly stream: number;
  readonly key0: number;
  readonly key1: number;
}

function counterOf(address: NoiseAddress): Counter {
  const [key0, key1] = philoxKey(address.seed);
  return { row: address.row, matrix: address.matrix, stream: philoxStream(address), key0, key1 };
}

/**
 * Uniform numbers of 24 bits in [0, 1).
 *
 * @param out [n]; out[i] depends on the address and on i only
 */
export function fillUniforms(out: Float32Array, address: NoiseAddress): void {
  const counter = counterOf(address);
  const words = new Uint32Array(4);
  const group = new Uint32Array(GROUP);
  for (let begin = 0; begin < out.length; begin += GROUP) {
    fillGroup(group, words, counter, begin >>> 2);
    const count = Math.min(GROUP, out.length - begin);
    for (let i = 0; i < count; i++) out[begin + i] = (group[i]! >>> 8) * 2 ** -24;
  }
}

/**
 * Standard normal numbers, tails to 6.6 sigma.
 *
 * @param out [n]; out[i] depends on the address and on i only
 */
export function fillNormals(out: Float32Array, address: NoiseAddress): void {
  const counter = counterOf(address);
  const words = new Uint32Array(4);
  const group = new Uint32Array(GROUP);
  const normals = new Float32Array(GROUP);
  for (let begin = 0; begin < out.length; begin += GROUP) {
    fillGroup(group, words, counter, begin >>> 2);
    for (let lane = 0; lane < 4; lane++) {
      boxMuller(normals, lane, group[lane]!, group[4 + lane]!);
      boxMuller(normals, 8 + lane, group[8 + lane]!, group[12 + lane]!);
    }
    const count = Math.min(GROUP, out.length - begin);
    for (let i = 0; i < count; i++) out[begin + i] = normals[i]!;
  }
}

const f32 = Math.fround;
/** A quarter turn over 2^30. */
const ANGLE = f32(Math.PI / 2 ** 31);
/** (sin t - t) / t^3 and (cos t - 1 + t^2/2) / t^4 in powers of t^2, |t| <= pi/4; minimax fit, 4e-9. */
const SIN_0 = f32(-0.16666655242443085);
const SIN_1 = f32(0.008332177996635437);
const SIN_2 = f32(-0.0001951729936990887);
const COS_0 = f32(0.04166664555668831);
const COS_1 = f32(-0.001388736767694354);
const COS_2 = f32(0.000024438451873720624);

/** -2 ln(u), u = (word + 1/2) / 2^32 in float32. */
function minusTwoLn(word: number): number {
  return f32(ln32(f32(f32(f32(word) * f32(2 ** -32)) + f32(2 ** -33))) * f32(-2));
}

/**
 * Two normals from two words: radius from the first, angle from the second.
 *
 * The top bit of the second word is the sign, the next one swaps sine and cosine, the other 30
 * are an angle within an eighth of a turn; together they cover the circle evenly.
 *
 * @param out [16]; writes out[at] and out[at + 4]
 */
function boxMuller(out: Float32Array, at: number, word0: number, word1: number): void {
  const radius = f32(Math.sqrt(minusTwoLn(word0)));
  const signed = word1 >> 31 === 0 ? radius : f32(-radius);
  const t = f32(f32((word1 & 0x3fffffff) - 0x20000000) * ANGLE);
  const t2 = f32(t * t);
  const s = f32(f32(f32(f32(f32(SIN_2 * t2) + SIN_1) * t2) + SIN_0) * t2);
  const sin = f32(f32(s * t) + t);
  const c = f32(f32(f32(f32(f32(COS_2 * t2) + COS_1) * t2) + COS_0) * t2);
  const cos = f32(f32(f32(c - f32(0.5)) * t2) + f32(1));
  const swap = (word1 & 0x40000000) !== 0;
  out[at] = f32(signed * (swap ? sin : cos));
  out[at + 4] = f32(signed * (swap ? cos : sin));
}

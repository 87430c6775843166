/**
 * ln and exp in float32, each operation rounded once, so that the SIMD kernels of
 * `numerics/assembly/elementary.ts` yield the same bits on every machine.
 */

const f32 = Math.fround;
const floatView = new Float32Array(1);
const bitsView = new Int32Array(floatView.buffer);

/** Bits of 2/3: mantissas are taken from [2/3, 4/3), where ln is small on both sides. */
const TWO_THIRDS_BITS = 0x3f2aaaab;
const LN_2 = f32(Math.LN2);
/** (ln(1 + f) - f + f^2/2) / f^3 for |f| <= 1/3, lowest degree first; minimax fit, 4e-8 relative to f. */
const LN_0 = f32(0.33333179354667664);
const LN_1 = f32(-0.25004255771636963);
const LN_2ND = f32(0.200130894780159);
const LN_3 = f32(-0.1647190898656845);
const LN_4 = f32(0.13958001136779785);
const LN_5 = f32(-0.15124592185020447);
const LN_6 = f32(0.14227302372455597);

/**
 * ln x: exponent and mantissa are split with the bits, the rest is a polynomial in Horner form.
 *
 * @param x a normal positive float32
 */
export function ln32(x: number): number {
  floatView[0] = x;
  const bits = bitsView[0]!;
  const exponent = (bits - TWO_THIRDS_BITS) >> 23;
  bitsView[0] = bits - (exponent << 23);
  const f = f32(floatView[0]! - 1);
  const f2 = f32(f * f);
  let p = f32(f32(LN_6 * f) + LN_5);
  p = f32(f32(p * f) + LN_4);
  p = f32(f32(p * f) + LN_3);
  p = f32(f32(p * f) + LN_2ND);
  p = f32(f32(p * f) + LN_1);
  p = f32(f32(p * f) + LN_0);
  p = f32(f32(p * f) - f32(0.5));
  return f32(f32(f32(exponent) * LN_2) + f32(f32(p * f2) + f));
}

const LOG2_E = f32(Math.LOG2E);
/** ln 2 in two parts, the first with few bits, so that n times it is exact. */
const LN_2_HIGH = f32(0.693359375);
const LN_2_LOW = f32(Math.LN2 - 0.693359375);
/** 1.5 x 2^23: adding it rounds a float32 half to even. */
const ROUNDER = 12582912;
/** Beyond it 2^n would leave the normal numbers. */
const EXP_LIMIT = 80;
/** (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2, lowest degree first; Chebyshev fit, 1.1e-8 of e^r. */
const EXP_0 = f32(0.5);
const EXP_1 = f32(0.16666576266288757);
const EXP_2 = f32(0.041666556149721146);
const EXP_3 = f32(0.008363203145563602);
const EXP_4 = f32(0.0013926213141530752);

/** e^x; x beyond -80..80 is taken for that bound. */
export function exp32(x: number): number {
  const bounded = Math.min(Math.max(x, -EXP_LIMIT), EXP_LIMIT);
  const n = f32(f32(f32(bounded * LOG2_E) + ROUNDER) - ROUNDER);
  const r = f32(f32(bounded - f32(n * LN_2_HIGH)) - f32(n * LN_2_LOW));
  let p = f32(f32(EXP_4 * r) + EXP_3);
  p = f32(f32(p * r) + EXP_2);
  p = f32(f32(p * r) + EXP_1);
  p = f32(f32(p * r) + EXP_0);
  floatView[0] = f32(f32(f32(p * f32(r * r)) + r) + 1);
  bitsView[0] = bitsView[0]! + (n << 23);
  return floatView[0]!;
}

/**
 * Programming and ageing of phase-change pairs, bit for bit as in `../devices/pcm-float32.ts`, which
 * has the formulas; four weights in the lanes of a vector.
 */
import { exp, f, ln, madd } from "./elementary";

/** Constants in the order of `PAIR_CONSTANTS` in `../devices/pair-statistics.ts`. */
// @ts-ignore: decorator
@inline
function constant(c: usize, index: i32): v128 {
  return v128.load32_splat(c + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
function atLeastZero(x: v128): v128 {
  return f32x4.pmax(f(0), x);
}

// @ts-ignore: decorator
@inline
function clamp(x: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(high, f32x4.pmax(low, x));
}

// @ts-ignore: decorator
@inline
function written(c: usize, target: v128, z: v128): v128 {
  const q = f32x4.mul(target, constant(c, 2));
  const sigma = atLeastZero(madd(madd(constant(c, 5), q, constant(c, 4)), q, constant(c, 3)));
  return atLeastZero(madd(sigma, z, target));
}

// @ts-ignore: decorator
@inline
function aged(c: usize, target: v128, g: v128, zDrift: v128, zRead: v128): v128 {
  const smallest = constant(c, 6);
  const lnTarget = ln(f32x4.pmax(smallest, f32x4.mul(target, constant(c, 2))));
  const mean = clamp(madd(constant(c, 7), lnTarget, constant(c, 8)), constant(c, 9), constant(c, 10));
  const std = clamp(madd(constant(c, 11), lnTarget, constant(c, 12)), constant(c, 13), constant(c, 14));
  const exponent = f32x4.abs(madd(std, zDrift, mean));
  const drifted = f32x4.mul(g, exp(f32x4.mul(exponent, constant(c, 15))));
  const lnNow = ln(f32x4.pmax(smallest, f32x4.mul(g, constant(c, 2))));
  const share = f32x4.pmin(
    constant(c, 18), f32x4.mul(constant(c, 16), exp(f32x4.mul(constant(c, 17), lnNow))),
  );
  const sigma = f32x4.mul(f32x4.mul(constant(c, 19), share), drifted);
  return atLeastZero(madd(sigma, zRead, drifted));
}

/**
 * Replaces the normalised target weights of a column by what the devices hold.
 *
 * @param c constants
 * @param n weights, up to the next multiple of 4
 * @param weights [n], in place
 * @param programmed [n] receives the weights before ageing; with `isAged` only
 * @param z six arrays of normals, `stride` bytes apart: programming of plus and minus; then, with
 *   `isAged`, drift of both, read of both
 */
export function programPairs(
  c: usize, n: i32, weights: usize, programmed: usize, z: usize, stride: usize, isAged: bool,
): void {
  const perWeight = constant(c, 0), perConductance = constant(c, 1);
  for (let i: usize = 0; i < <usize>n << 2; i += 16) {
    const w = f32x4.mul(v128.load(weights + i), perWeight);
    const plus = atLeastZero(w), minus = atLeastZero(f32x4.neg(w));
    const at = z + i;
    const plusNow = written(c, plus, v128.load(at));
    const minusNow = written(c, minus, v128.load(at + stride));
    const held = f32x4.mul(f32x4.sub(plusNow, minusNow), perConductance);
    if (!isAged) {
      v128.store(weights + i, held);
      continue;
    }
    v128.store(programmed + i, held);
    const later = at + (stride << 1);
    const plusAged = aged(c, plus, plusNow, v128.load(later), v128.load(later + (stride << 1)));
    const minusAged = aged(
      c, minus, minusNow, v128.load(later + stride), v128.load(later + stride * 3),
    );
    v128.store(weights + i, f32x4.mul(f32x4.sub(plusAged, minusAged), perConductance));
  }
}

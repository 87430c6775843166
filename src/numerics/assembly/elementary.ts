/** ln and exp of four numbers, bit for bit those of `src/random/elementary.ts`, which explains them. */

// @ts-ignore: decorator
@inline
export function f(x: f32): v128 {
  return f32x4.splat(x);
}

// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** @param x normal positive numbers */
// @ts-ignore: decorator
@inline
export function ln(x: v128): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f2aaaab)), 23);
  const m = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), f(1));
  const m2 = f32x4.mul(m, m);
  let p = madd(f(0.14227302372455597), m, f(-0.15124592185020447));
  p = madd(p, m, f(0.13958001136779785));
  p = madd(p, m, f(-0.1647190898656845));
  p = madd(p, m, f(0.200130894780159));
  p = madd(p, m, f(-0.25004255771636963));
  p = madd(p, m, f(0.33333179354667664));
  p = madd(p, m, f(-0.5));
  return f32x4.add(
    f32x4.mul(f32x4.convert_i32x4_s(exponent), f(0.6931471824645996)),
    madd(p, m2, m),
  );
}

// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const bounded = f32x4.pmin(f(80), f32x4.pmax(f(-80), x));
  const rounder = f(12582912);
  const n = f32x4.sub(madd(bounded, f(1.4426950216293335), rounder), rounder);
  const r = f32x4.sub(
    f32x4.sub(bounded, f32x4.mul(n, f(0.693359375))), f32x4.mul(n, f(-0.00021219444170128554)),
  );
  let p = madd(f(0.0013926213141530752), r, f(0.008363203145563602));
  p = madd(p, r, f(0.041666556149721146));
  p = madd(p, r, f(0.16666576266288757));
  p = madd(p, r, f(0.5));
  const e = f32x4.add(madd(p, f32x4.mul(r, r), r), f(1));
  return i32x4.add(e, i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23));
}

/**
 * What a decoder does between its products, in float64 on float32 arrays.
 *
 * The operations and their order are those of `../../transformer`, two or four elements at a time:
 * results are equal to it bit for bit.
 */

// @ts-ignore: decorator
@inline
function low(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** Elements 2 and 3. */
// @ts-ignore: decorator
@inline
function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 0, 1));
}

/** Four float32 from two pairs of float64. */
// @ts-ignore: decorator
@inline
function narrow(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 1, 4, 5);
}

// @ts-ignore: decorator
@inline
function wide(x: usize): f64 {
  return <f64>load<f32>(x);
}

/** y[row] = x[row] / sqrt(mean(x[row]^2) + epsilon) * weight. */
export function rmsNorm(x: usize, rows: i32, width: i32, weight: usize, epsilon: f64, y: usize): void {
  const bytes = <usize>width << 2, whole = bytes & ~15;
  for (let row = 0; row < rows; row++) {
    const factor: f64 = 1 / sqrt<f64>(sumOfSquares(x, bytes) / <f64>width + epsilon);
    const factors = f64x2.splat(factor);
    let i: usize = 0;
    for (; i < whole; i += 16) {
      const v = v128.load(x + i), w = v128.load(weight + i);
      const a = f64x2.mul(f64x2.mul(low(v), factors), low(w));
      const b = f64x2.mul(f64x2.mul(high(v), factors), high(w));
      v128.store(y + i, narrow(a, b));
    }
    for (; i < bytes; i += 4) store<f32>(y + i, <f32>(wide(x + i) * factor * wide(weight + i)));
    x += bytes;
    y += bytes;
  }
}

/** In four parts, as in TypeScript: element i goes to part i mod 4, those of the rest to the first. */
function sumOfSquares(x: usize, bytes: usize): f64 {
  let ab = f64x2.splat(0), cd = ab;
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const v = v128.load(x + i);
    const l = low(v), h = high(v);
    ab = f64x2.add(ab, f64x2.mul(l, l));
    cd = f64x2.add(cd, f64x2.mul(h, h));
  }
  let a = f64x2.extract_lane(ab, 0);
  for (; i < bytes; i += 4) a += wide(x + i) * wide(x + i);
  return a + f64x2.extract_lane(ab, 1) + (f64x2.extract_lane(cd, 0) + f64x2.extract_lane(cd, 1));
}

/** to[i] += from[i]. A sum of two float32 is rounded once, whether or not by way of float64. */
export function addTo(to: usize, from: usize, n: i32): void {
  const end = to + (<usize>n << 2);
  for (; to + 16 <= end; to += 16, from += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  }
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}

/**
 * added[slots[s] / k] += weights[slots[s]] * y[s], row by row in the order of s.
 *
 * @param y [n][width]
 * @param slots [n] i32; weights float32
 */
export function addWeighted(
  y: usize, slots: usize, weights: usize, n: i32, k: i32, width: i32, added: usize,
): void {
  const bytes = <usize>width << 2;
  for (let s = 0; s < n; s++) {
    const slot = load<i32>(slots + (<usize>s << 2));
    const weight = wide(weights + (<usize>slot << 2));
    addRow(y + <usize>s * bytes, weight, added + <usize>(slot / k) * bytes, bytes);
  }
}

// @ts-ignore: decorator
@inline
function addRow(y: usize, weight: f64, to: usize, bytes: usize): void {
  const weights = f64x2.splat(weight);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const v = v128.load(y + i), old = v128.load(to + i);
    const a = f64x2.add(low(old), f64x2.mul(weights, low(v)));
    const b = f64x2.add(high(old), f64x2.mul(weights, high(v)));
    v128.store(to + i, narrow(a, b));
  }
  for (; i < bytes; i += 4) store<f32>(to + i, <f32>(wide(to + i) + weight * wide(y + i)));
}

/** gate = silu(gate) * up, in place; n elements, of which whole vectors are read and written. */
export function swiglu(gate: usize, up: usize, n: i32): void {
  const end = gate + (<usize>n << 2);
  for (; gate < end; gate += 16, up += 16) {
    const x = v128.load(gate), u = v128.load(up);
    v128.store(gate, narrow(gated(low(x), low(u)), gated(high(x), high(u))));
  }
}

// @ts-ignore: decorator
@inline
function gated(x: v128, up: v128): v128 {
  const one = f64x2.splat(1);
  const negative = f64x2.lt(x, f64x2.splat(0));
  const e = expOfNegative(v128.bitselect(x, f64x2.neg(x), negative));
  const sigmoid = f64x2.div(v128.bitselect(e, one, negative), f64x2.add(one, e));
  return f64x2.mul(f64x2.mul(sigmoid, x), up);
}

/** Largest of n float32; what is not a number is passed over. */
export function largestOf(x: usize, n: i32): f32 {
  const end = x + (<usize>n << 2);
  let most = f32x4.splat(-Infinity);
  for (; x + 16 <= end; x += 16) most = f32x4.pmax(most, v128.load(x));
  let largest = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
  for (; x < end; x += 4) if (load<f32>(x) > largest) largest = load<f32>(x);
  return largest;
}

/** Sum of e^(x - largest) over n float32, one after the other. */
export function sumOfExps(x: usize, n: i32, largest: f32): f64 {
  const end = x + (<usize>n << 2);
  const top = f64x2.splat(<f64>largest);
  let sum: f64 = 0;
  for (; x + 16 <= end; x += 16) {
    const v = v128.load(x);
    const a = expOfNegative(f64x2.sub(low(v), top)), b = expOfNegative(f64x2.sub(high(v), top));
    sum += f64x2.extract_lane(a, 0);
    sum += f64x2.extract_lane(a, 1);
    sum += f64x2.extract_lane(b, 0);
    sum += f64x2.extract_lane(b, 1);
  }
  for (; x < end; x += 4) {
    sum += f64x2.extract_lane(expOfNegative(f64x2.sub(f64x2.splat(wide(x)), top)), 0);
  }
  return sum;
}

/** Sum of e^p (p - (x - normaliser)) over n float32 p and x, one after the other. */
export function divergence(p: usize, x: usize, n: i32, normaliser: f64): f64 {
  const end = p + (<usize>n << 2);
  const norm = f64x2.splat(normaliser);
  let sum: f64 = 0;
  for (; p + 16 <= end; p += 16, x += 16) {
    const ps = v128.load(p), xs = v128.load(x);
    const a = share(low(ps), low(xs), norm), b = share(high(ps), high(xs), norm);
    sum += f64x2.extract_lane(a, 0);
    sum += f64x2.extract_lane(a, 1);
    sum += f64x2.extract_lane(b, 0);
    sum += f64x2.extract_lane(b, 1);
  }
  for (; p < end; p += 4, x += 4) {
    sum += f64x2.extract_lane(share(f64x2.splat(wide(p)), f64x2.splat(wide(x)), norm), 0);
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function share(p: v128, x: v128, normaliser: v128): v128 {
  return f64x2.mul(expOfNegative(p), f64x2.sub(p, f64x2.sub(x, normaliser)));
}

/**
 * e^x for x <= 0 by the series of `../../transformer/exp.ts`; 0 below -708, where that is below
 * 1e-307: too small to be seen next to 1, or in a float32.
 *
 * 1.5 * 2^52 + n holds n, a whole number, in its lowest bits.
 */
// @ts-ignore: decorator
@inline
function expOfNegative(x: v128): v128 {
  const isTiny = f64x2.lt(x, f64x2.splat(-708));
  const exponent = f64x2.mul(x, f64x2.splat(1.4426950408889634));
  const n = f64x2.trunc(f64x2.sub(exponent, f64x2.splat(0.5)));
  const r = f64x2.mul(f64x2.sub(exponent, n), f64x2.splat(0.6931471805599453));
  let series = next(1.0 / 5040.0, r, f64x2.splat(1.0 / 40320.0));
  series = next(1.0 / 720.0, r, series);
  series = next(1.0 / 120.0, r, series);
  series = next(1.0 / 24.0, r, series);
  series = next(1.0 / 6.0, r, series);
  series = next(1.0 / 2.0, r, series);
  series = next(1.0, r, series);
  series = next(1.0, r, series);
  const whole = f64x2.add(n, f64x2.splat(6755399441055744.0));
  const power = i64x2.shl(i64x2.add(whole, i64x2.splat(1023)), 52);
  return v128.andnot(f64x2.mul(series, power), isTiny);
}

// @ts-ignore: decorator
@inline
function next(constant: f64, r: v128, series: v128): v128 {
  return f64x2.add(f64x2.splat(constant), f64x2.mul(r, series));
}

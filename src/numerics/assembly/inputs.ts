/** The input side of a crossbar: vectors to DAC codes. */
import { TILE_ROWS } from "./gemm-int16";

/** A vector whose largest value is below the smallest normal number counts as zero. */
const SMALLEST_RANGE: f32 = 1.1754943508222875e-38;

/** Full scale of a vector: as given, or its own largest value; 0 if there is nothing to convert. */
// @ts-ignore: decorator
@inline
function rangeOf(x: usize, n: i32, fixed: f32): f32 {
  const range = fixed > 0 ? fixed : largest(x, n);
  return range < SMALLEST_RANGE ? 0 : range;
}

/** Largest |x| of n values. */
export function largest(x: usize, n: i32): f32 {
  let m = f32x4.splat(0);
  let k = 0;
  for (; k + 4 <= n; k += 4) m = f32x4.pmax(m, f32x4.abs(v128.load(x + (<usize>k << 2))));
  let rest = max(
    max(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)),
    max(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)),
  );
  for (; k < n; k++) rest = max(rest, abs(load<f32>(x + (<usize>k << 2))));
  return rest;
}

/** round(x / range * levels), clipped; still float32. */
// @ts-ignore: decorator
@inline
function code4(x: v128, inverse: v128, levels: v128, lowest: v128): v128 {
  const code = f32x4.nearest(f32x4.mul(f32x4.mul(x, inverse), levels));
  return f32x4.pmax(lowest, f32x4.pmin(levels, code));
}

// @ts-ignore: decorator
@inline
function code1(x: f32, inverse: f32, levels: f32): f32 {
  return max(-levels, min(levels, nearest<f32>(x * inverse * levels)));
}

/**
 * DAC codes as int16, rounded half to even, then clipped to -levels..levels, in the tiles that
 * `gemmInt16` reads.
 *
 * @param x [rows][xStride bytes] float32, n of each row
 * @param padded inputs with padding, a multiple of 8; codes beyond n become 0
 * @param fixed full scale; 0: each vector's own largest value
 * @param codes [tiles][padded / 2][5][2] int16; one row alone: [padded]
 * @param ranges [rows] float32, written: full scale of each vector, 0 for one that is all zero
 */
export function codesInt16(
  x: usize, xStride: usize, rows: i32, n: i32, padded: i32, fixed: f32, levels: f32,
  codes: usize, ranges: usize,
): void {
  const tileRows = rows == 1 ? 1 : TILE_ROWS;
  const stride = <usize>tileRows << 2;
  for (let row = 0; row < rows; row++) {
    const range = rangeOf(x, n, fixed);
    store<f32>(ranges, range);
    const tile = codes + <usize>(row / tileRows) * (<usize>padded >> 1) * stride;
    codesOfRow(x, n, padded, range, levels, tile + (<usize>(row % tileRows) << 2), stride);
    x += xStride;
    ranges += 4;
  }
}

/** @param stride bytes between pairs of codes */
function codesOfRow(
  x: usize, n: i32, padded: i32, range: f32, levels: f32, to: usize, stride: usize,
): void {
  const inverse: f32 = range > 0 ? 1 / range : 0;
  const inverses = f32x4.splat(inverse), top = f32x4.splat(levels), lowest = f32x4.splat(-levels);
  let k = 0;
  for (; k + 8 <= n; k += 8) {
    const low = i32x4.trunc_sat_f32x4_s(code4(v128.load(x), inverses, top, lowest));
    const high = i32x4.trunc_sat_f32x4_s(code4(v128.load(x, 16), inverses, top, lowest));
    const pairs = i16x8.narrow_i32x4_s(low, high);
    v128.store_lane<u32>(to, pairs, 0);
    v128.store_lane<u32>(to + stride, pairs, 1);
    v128.store_lane<u32>(to + 2 * stride, pairs, 2);
    v128.store_lane<u32>(to + 3 * stride, pairs, 3);
    x += 32;
    to += 4 * stride;
  }
  for (; k < padded; k += 2) {
    const first: f32 = k < n ? code1(load<f32>(x), inverse, levels) : 0;
    const second: f32 = k + 1 < n ? code1(load<f32>(x, 4), inverse, levels) : 0;
    store<i16>(to, <i16>first);
    store<i16>(to, <i16>second, 2);
    x += 8;
    to += stride;
  }
}

/**
 * The same as float32, and without rounding where levels is 0: values within -1..1.
 *
 * @param codes [rows][n] float32
 */
export function codesF32(
  x: usize, xStride: usize, rows: i32, n: i32, fixed: f32, levels: f32, codes: usize, ranges: usize,
): void {
  const bytes = <usize>n << 2;
  for (let row = 0; row < rows; row++) {
    const range = rangeOf(x, n, fixed);
    store<f32>(ranges, range);
    const inverse: f32 = range > 0 ? 1 / range : 0;
    if (levels > 0) roundedRow(x, bytes, inverse, levels, codes);
    else clippedRow(x, bytes, inverse, codes);
    x += xStride;
    codes += bytes;
    ranges += 4;
  }
}

function roundedRow(x: usize, bytes: usize, inverse: f32, levels: f32, codes: usize): void {
  const inverses = f32x4.splat(inverse), top = f32x4.splat(levels), lowest = f32x4.splat(-levels);
  let k: usize = 0;
  for (; k + 16 <= bytes; k += 16) {
    v128.store(codes + k, code4(v128.load(x + k), inverses, top, lowest));
  }
  for (; k < bytes; k += 4) store<f32>(codes + k, code1(load<f32>(x + k), inverse, levels));
}

function clippedRow(x: usize, bytes: usize, inverse: f32, codes: usize): void {
  const inverses = f32x4.splat(inverse), top = f32x4.splat(1), lowest = f32x4.splat(-1);
  let k: usize = 0;
  for (; k + 16 <= bytes; k += 16) {
    const value = f32x4.mul(v128.load(x + k), inverses);
    v128.store(codes + k, f32x4.pmax(lowest, f32x4.pmin(top, value)));
  }
  for (; k < bytes; k += 4) {
    store<f32>(codes + k, max<f32>(-1, min<f32>(1, load<f32>(x + k) * inverse)));
  }
}

/** |codes| and codes^2 of n int16 codes; n a multiple of 8, squares must fit. */
export function magnitudes(codes: usize, n: i32, absolutes: usize, squares: usize): void {
  for (let k: usize = 0; k < <usize>n << 1; k += 16) {
    const code = v128.load(codes + k);
    v128.store(absolutes + k, i16x8.abs(code));
    v128.store(squares + k, i16x8.mul(code, code));
  }
}

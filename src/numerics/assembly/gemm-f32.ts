/**
 * float32 products. Every output is one chain of multiply, round, add, round over rising k, as in
 * the reference engine; SIMD lanes run over outputs, so results are equal to it bit for bit.
 *
 * Weights lie in panels of 8 outputs, [panel][k][8]; x is row-major.
 */

/** Bytes of one panel row: 8 float32. */
const PANEL_ROW: usize = 32;
/** Inputs per block: 256 panel rows are 8 KB, a quarter of a first-level cache. */
const K_BLOCK: i32 = 256;

// @ts-ignore: decorator
@inline
function madd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/**
 * sums[row][8 panel + c] = sum over k of x[row][k] * w[panel][k][c].
 *
 * @param x [rows][xStride]; rows up to the next multiple of 4 are read
 * @param sums [rows up to the next multiple of 4][sumStride]
 * @param xStride in bytes, as sumStride
 */
export function gemmF32(
  x: usize, xStride: usize, rows: i32, inputs: i32,
  w: usize, panels: i32, sums: usize, sumStride: usize,
): void {
  for (let begin = 0; begin < inputs; begin += K_BLOCK) {
    const count = min(K_BLOCK, inputs - begin);
    for (let panel = 0; panel < panels; panel++) {
      const wBlock = w + (<usize>panel * inputs + begin) * PANEL_ROW;
      for (let row = 0; row < rows; row += 4) {
        tile4x8(
          x + <usize>row * xStride + (<usize>begin << 2), xStride, wBlock, count,
          sums + <usize>row * sumStride + <usize>panel * PANEL_ROW, sumStride, begin == 0,
        );
      }
    }
  }
}

/** Four rows by eight outputs; starts from what is in sums unless this is the first block of k. */
function tile4x8(
  x: usize, xStride: usize, w: usize, count: i32, sums: usize, sumStride: usize, first: bool,
): void {
  let x0 = x, x1 = x0 + xStride, x2 = x1 + xStride, x3 = x2 + xStride;
  const s0 = sums, s1 = s0 + sumStride, s2 = s1 + sumStride, s3 = s2 + sumStride;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  if (!first) {
    c00 = v128.load(s0); c01 = v128.load(s0, 16);
    c10 = v128.load(s1); c11 = v128.load(s1, 16);
    c20 = v128.load(s2); c21 = v128.load(s2, 16);
    c30 = v128.load(s3); c31 = v128.load(s3, 16);
  }
  let left = count;
  for (; left >= 4; left -= 4) {
    let b0 = v128.load(w), b1 = v128.load(w, 16);
    let a = v128.load32_splat(x0); c00 = madd(c00, a, b0); c01 = madd(c01, a, b1);
    a = v128.load32_splat(x1); c10 = madd(c10, a, b0); c11 = madd(c11, a, b1);
    a = v128.load32_splat(x2); c20 = madd(c20, a, b0); c21 = madd(c21, a, b1);
    a = v128.load32_splat(x3); c30 = madd(c30, a, b0); c31 = madd(c31, a, b1);

    b0 = v128.load(w, 32); b1 = v128.load(w, 48);
    a = v128.load32_splat(x0, 4); c00 = madd(c00, a, b0); c01 = madd(c01, a, b1);
    a = v128.load32_splat(x1, 4); c10 = madd(c10, a, b0); c11 = madd(c11, a, b1);
    a = v128.load32_splat(x2, 4); c20 = madd(c20, a, b0); c21 = madd(c21, a, b1);
    a = v128.load32_splat(x3, 4); c30 = madd(c30, a, b0); c31 = madd(c31, a, b1);

    b0 = v128.load(w, 64); b1 = v128.load(w, 80);
    a = v128.load32_splat(x0, 8); c00 = madd(c00, a, b0); c01 = madd(c01, a, b1);
    a = v128.load32_splat(x1, 8); c10 = madd(c10, a, b0); c11 = madd(c11, a, b1);
    a = v128.load32_splat(x2, 8); c20 = madd(c20, a, b0); c21 = madd(c21, a, b1);
    a = v128.load32_splat(x3, 8); c30 = madd(c30, a, b0); c31 = madd(c31, a, b1);

    b0 = v128.load(w, 96); b1 = v128.load(w, 112);
    a = v128.load32_splat(x0, 12); c00 = madd(c00, a, b0); c01 = madd(c01, a, b1);
    a = v128.load32_splat(x1, 12); c10 = madd(c10, a, b0); c11 = madd(c11, a, b1);
    a = v128.load32_splat(x2, 12); c20 = madd(c20, a, b0); c21 = madd(c21, a, b1);
    a = v128.load32_splat(x3, 12); c30 = madd(c30, a, b0); c31 = madd(c31, a, b1);

    x0 += 16; x1 += 16; x2 += 16; x3 += 16; w += 128;
  }
  for (; left > 0; left--) {
    const b0 = v128.load(w), b1 = v128.load(w, 16);
    let a = v128.load32_splat(x0); c00 = madd(c00, a, b0); c01 = madd(c01, a, b1);
    a = v128.load32_splat(x1); c10 = madd(c10, a, b0); c11 = madd(c11, a, b1);
    a = v128.load32_splat(x2); c20 = madd(c20, a, b0); c21 = madd(c21, a, b1);
    a = v128.load32_splat(x3); c30 = madd(c30, a, b0); c31 = madd(c31, a, b1);
    x0 += 4; x1 += 4; x2 += 4; x3 += 4; w += PANEL_ROW;
  }
  v128.store(s0, c00); v128.store(s0, c01, 16);
  v128.store(s1, c10); v128.store(s1, c11, 16);
  v128.store(s2, c20); v128.store(s2, c21, 16);
  v128.store(s3, c30); v128.store(s3, c31, 16);
}

/**
 * The same for one row: four panels at a time, because one panel's two chains of additions would
 * wait for each other.
 */
export function gemvF32(x: usize, inputs: i32, w: usize, panels: i32, sums: usize): void {
  const panelBytes = <usize>inputs * PANEL_ROW;
  let panel = 0;
  for (; panel + 4 <= panels; panel += 4) {
    tile1x32(x, inputs, w + <usize>panel * panelBytes, panelBytes, sums + <usize>panel * PANEL_ROW);
  }
  for (; panel < panels; panel++) {
    tile1x8(x, inputs, w + <usize>panel * panelBytes, sums + <usize>panel * PANEL_ROW);
  }
}

function tile1x32(x: usize, count: i32, w: usize, panelBytes: usize, sums: usize): void {
  let w1 = w + panelBytes, w2 = w1 + panelBytes, w3 = w2 + panelBytes;
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
  for (; count > 0; count--) {
    const a = v128.load32_splat(x);
    c0 = madd(c0, a, v128.load(w)); c1 = madd(c1, a, v128.load(w, 16));
    c2 = madd(c2, a, v128.load(w1)); c3 = madd(c3, a, v128.load(w1, 16));
    c4 = madd(c4, a, v128.load(w2)); c5 = madd(c5, a, v128.load(w2, 16));
    c6 = madd(c6, a, v128.load(w3)); c7 = madd(c7, a, v128.load(w3, 16));
    x += 4; w += PANEL_ROW; w1 += PANEL_ROW; w2 += PANEL_ROW; w3 += PANEL_ROW;
  }
  v128.store(sums, c0); v128.store(sums, c1, 16); v128.store(sums, c2, 32); v128.store(sums, c3, 48);
  v128.store(sums, c4, 64); v128.store(sums, c5, 80); v128.store(sums, c6, 96); v128.store(sums, c7, 112);
}

function tile1x8(x: usize, count: i32, w: usize, sums: usize): void {
  let c0 = f32x4.splat(0), c1 = c0;
  for (; count > 0; count--) {
    const a = v128.load32_splat(x);
    c0 = madd(c0, a, v128.load(w)); c1 = madd(c1, a, v128.load(w, 16));
    x += 4; w += PANEL_ROW;
  }
  v128.store(sums, c0); v128.store(sums, c1, 16);
}

/**
 * One row with the sums that IR drop and read noise need, in the reference's order: sums of x w,
 * of |x w|, of (x w) place and of x^2 |w|.
 *
 * @param place [inputs] float32: share of the bit line that an input's current passes
 * @param currents, placed, energies as sums, [8 panels]
 */
export function gemvF32Moments(
  x: usize, inputs: i32, w: usize, panels: i32, place: usize,
  sums: usize, currents: usize, placed: usize, energies: usize,
): void {
  for (let panel = 0; panel < panels * 2; panel++) {
    // Half a panel at a time: four outputs.
    let at = w + <usize>(panel >> 1) * inputs * PANEL_ROW + (<usize>(panel & 1) << 4);
    let sum = f32x4.splat(0), current = sum, far = sum, energy = sum;
    for (let k: usize = 0; k < <usize>inputs << 2; k += 4) {
      const a = v128.load32_splat(x + k);
      const b = v128.load(at);
      const product = f32x4.mul(a, b);
      sum = f32x4.add(sum, product);
      current = f32x4.add(current, f32x4.abs(product));
      far = madd(far, product, v128.load32_splat(place + k));
      energy = madd(energy, f32x4.mul(a, a), f32x4.abs(b));
      at += PANEL_ROW;
    }
    const to = <usize>panel << 4;
    v128.store(sums + to, sum);
    v128.store(currents + to, current);
    v128.store(placed + to, far);
    v128.store(energies + to, energy);
  }
}

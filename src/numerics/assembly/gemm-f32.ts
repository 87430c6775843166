/**
 * float32 products. Every output is one chain of multiply, round, add, round over rising k, as in
 * the reference engine; SIMD lanes run over outputs, so results are equal to it bit for bit.
 *
 * Both operands are packed in the order in which they are read: weights in panels of 8 outputs,
 * [panel][k][8], inputs in tiles of 5 rows, [tile][k][5].
 */
import { TILE_ROWS } from "./gemm-int16";

/** Bytes of one panel row: 8 float32. */
const PANEL_ROW: usize = 32;
/** Bytes of one k of a tile: 5 float32. */
const TILE_ROW: usize = 20;
/** Inputs per block: 256 panel rows are 8 KB, a quarter of a first-level cache. */
const K_BLOCK: i32 = 256;

// @ts-ignore: decorator
@inline
function madd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/**
 * Rows into tiles; rows that are not there become 0.
 *
 * @param x [rows][inputs] float32
 * @param tiles [tiles][inputs][5]
 */
export function packTilesF32(x: usize, rows: i32, inputs: i32, tiles: usize): void {
  const stride = <usize>inputs << 2;
  const full = rows - (rows % TILE_ROWS);
  for (let row = 0; row < full; row += TILE_ROWS) {
    for (let k: usize = 0; k < stride; k += 4) {
      store<f32>(tiles, load<f32>(x + k));
      store<f32>(tiles, load<f32>(x + stride + k), 4);
      store<f32>(tiles, load<f32>(x + 2 * stride + k), 8);
      store<f32>(tiles, load<f32>(x + 3 * stride + k), 12);
      store<f32>(tiles, load<f32>(x + 4 * stride + k), 16);
      tiles += TILE_ROW;
    }
    x += <usize>TILE_ROWS * stride;
  }
  if (full == rows) return;
  for (let k: usize = 0; k < stride; k += 4) {
    for (let row = 0; row < TILE_ROWS; row++) {
      const there = full + row < rows;
      store<f32>(tiles + (<usize>row << 2), there ? load<f32>(x + <usize>row * stride + k) : 0);
    }
    tiles += TILE_ROW;
  }
}

/**
 * sums[row][8 panel + c] = sum over k of x[row][k] * w[panel][k][c].
 *
 * @param x [tiles][inputs][5]
 * @param sums [rows up to the next multiple of 5][sumStride bytes]
 */
export function gemmF32(
  x: usize, rows: i32, inputs: i32, w: usize, panels: i32, sums: usize, sumStride: usize,
): void {
  for (let begin = 0; begin < inputs; begin += K_BLOCK) {
    const count = min(K_BLOCK, inputs - begin);
    for (let panel = 0; panel < panels; panel++) {
      const panelAt = w + (<usize>panel * inputs + begin) * PANEL_ROW;
      let tile = x + <usize>begin * TILE_ROW, to = sums + <usize>panel * PANEL_ROW;
      for (let row = 0; row < rows; row += TILE_ROWS) {
        tile5x8F32(tile, panelAt, count, to, sumStride, begin == 0);
        tile += <usize>inputs * TILE_ROW;
        to += <usize>TILE_ROWS * sumStride;
      }
    }
  }
}

/**
 * Five rows by eight outputs; starts from what is in sums unless this is the first block of k. Not
 * unrolled because that is faster (V8 11.3: 53 instead of 40 GFLOP/s).
 */
export function tile5x8F32(
  x: usize, w: usize, count: i32, sums: usize, sumStride: usize, first: bool,
): void {
  const s0 = sums, s1 = s0 + sumStride, s2 = s1 + sumStride, s3 = s2 + sumStride, s4 = s3 + sumStride;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00;
  if (!first) {
    c00 = v128.load(s0); c01 = v128.load(s0, 16);
    c10 = v128.load(s1); c11 = v128.load(s1, 16);
    c20 = v128.load(s2); c21 = v128.load(s2, 16);
    c30 = v128.load(s3); c31 = v128.load(s3, 16);
    c40 = v128.load(s4); c41 = v128.load(s4, 16);
  }
  for (; count > 0; count--) {
    const b0 = v128.load(w), b1 = v128.load(w, 16);
    let a = v128.load32_splat(x); c00 = madd(c00, a, b0); c01 = madd(c01, a, b1);
    a = v128.load32_splat(x, 4); c10 = madd(c10, a, b0); c11 = madd(c11, a, b1);
    a = v128.load32_splat(x, 8); c20 = madd(c20, a, b0); c21 = madd(c21, a, b1);
    a = v128.load32_splat(x, 12); c30 = madd(c30, a, b0); c31 = madd(c31, a, b1);
    a = v128.load32_splat(x, 16); c40 = madd(c40, a, b0); c41 = madd(c41, a, b1);
    x += TILE_ROW; w += PANEL_ROW;
  }
  v128.store(s0, c00); v128.store(s0, c01, 16);
  v128.store(s1, c10); v128.store(s1, c11, 16);
  v128.store(s2, c20); v128.store(s2, c21, 16);
  v128.store(s3, c30); v128.store(s3, c31, 16);
  v128.store(s4, c40); v128.store(s4, c41, 16);
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

/**
 * int16 products with exact int32 sums: the order of summation does not matter, the caller sees to
 * it that no sum leaves int32.
 *
 * Inputs k and k + 1 form a pair, which one 32-bit load takes. Both operands are packed in the
 * order in which they are read: weights in panels of 8 outputs, [panel][pair][8][2], inputs in tiles
 * of 5 rows, [tile][pair][5][2]. The number of pairs is a multiple of 4, padded with zeros.
 */

/** Rows of a tile of inputs; one where there is only one row. */
export const TILE_ROWS: i32 = 5;
/** Bytes of one pair of a panel: 8 outputs x 2 int16; and of a tile: 5 rows x 2 int16. */
const PANEL_PAIR: usize = 32;
const TILE_PAIR: usize = 20;

// @ts-ignore: decorator
@inline
function dot(sum: v128, a: v128, b: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(a, b));
}

/**
 * sums[row][8 panel + c] = sum over k of x[row][k] * w[panel][k][c].
 *
 * @param x [tiles][pairs][5][2]
 * @param sums [rows up to the next multiple of 5][sumStride bytes] int32
 */
export function gemmInt16(
  x: usize, rows: i32, pairs: i32, w: usize, panels: i32, sums: usize, sumStride: usize,
): void {
  for (let panel = 0; panel < panels; panel++) {
    const panelAt = w + <usize>panel * pairs * PANEL_PAIR;
    let tile = x, to = sums + <usize>panel * 32;
    for (let row = 0; row < rows; row += TILE_ROWS) {
      tile5x8(tile, panelAt, pairs, to, sumStride);
      tile += <usize>pairs * TILE_PAIR;
      to += <usize>TILE_ROWS * sumStride;
    }
  }
}

/**
 * Five rows by eight outputs: ten sums fill the registers without spilling, and the loop is not
 * unrolled because that is faster (V8 11.3: 47 instead of 41 GMAC/s).
 */
export function tile5x8(x: usize, w: usize, pairs: i32, sums: usize, sumStride: usize): void {
  let c00 = i32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00;
  for (; pairs > 0; pairs--) {
    const b0 = v128.load(w), b1 = v128.load(w, 16);
    let a = v128.load32_splat(x); c00 = dot(c00, a, b0); c01 = dot(c01, a, b1);
    a = v128.load32_splat(x, 4); c10 = dot(c10, a, b0); c11 = dot(c11, a, b1);
    a = v128.load32_splat(x, 8); c20 = dot(c20, a, b0); c21 = dot(c21, a, b1);
    a = v128.load32_splat(x, 12); c30 = dot(c30, a, b0); c31 = dot(c31, a, b1);
    a = v128.load32_splat(x, 16); c40 = dot(c40, a, b0); c41 = dot(c41, a, b1);
    x += TILE_PAIR; w += PANEL_PAIR;
  }
  v128.store(sums, c00); v128.store(sums, c01, 16); sums += sumStride;
  v128.store(sums, c10); v128.store(sums, c11, 16); sums += sumStride;
  v128.store(sums, c20); v128.store(sums, c21, 16); sums += sumStride;
  v128.store(sums, c30); v128.store(sums, c31, 16); sums += sumStride;
  v128.store(sums, c40); v128.store(sums, c41, 16);
}

/** The same for one row, which is bound by reading the weights. */
export function gemvInt16(x: usize, pairs: i32, w: usize, panels: i32, sums: usize): void {
  const panelBytes = <usize>pairs * PANEL_PAIR;
  let panel = 0;
  for (; panel + 2 <= panels; panel += 2) {
    tile1x16(x, pairs, w + <usize>panel * panelBytes, panelBytes, sums + <usize>panel * 32);
  }
  if (panel < panels) tile1x8(x, pairs, w + <usize>panel * panelBytes, sums + <usize>panel * 32);
}

function tile1x16(x: usize, pairs: i32, w: usize, panelBytes: usize, sums: usize): void {
  let v = w + panelBytes;
  let c0 = i32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
  for (; pairs > 0; pairs -= 2) {
    let a = v128.load32_splat(x);
    c0 = dot(c0, a, v128.load(w)); c1 = dot(c1, a, v128.load(w, 16));
    c2 = dot(c2, a, v128.load(v)); c3 = dot(c3, a, v128.load(v, 16));
    a = v128.load32_splat(x, 4);
    c0 = dot(c0, a, v128.load(w, 32)); c1 = dot(c1, a, v128.load(w, 48));
    c2 = dot(c2, a, v128.load(v, 32)); c3 = dot(c3, a, v128.load(v, 48));
    x += 8; w += 64; v += 64;
  }
  v128.store(sums, c0); v128.store(sums, c1, 16); v128.store(sums, c2, 32); v128.store(sums, c3, 48);
}

function tile1x8(x: usize, pairs: i32, w: usize, sums: usize): void {
  let c0 = i32x4.splat(0), c1 = c0;
  for (; pairs > 0; pairs--) {
    const a = v128.load32_splat(x);
    c0 = dot(c0, a, v128.load(w)); c1 = dot(c1, a, v128.load(w, 16));
    x += 4; w += PANEL_PAIR;
  }
  v128.store(sums, c0); v128.store(sums, c1, 16);
}

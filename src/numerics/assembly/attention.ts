/**
 * Causal attention of one window, all heads, in float32.
 *
 * Four queries by eight keys, then four queries by eight features at a time. Sums run over rising
 * features and keys, so results do not depend on what else is computed.
 */

// @ts-ignore: decorator
@inline
function madd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/**
 * y[i][head] = sum over j <= i of softmax(scale * q[i] k[j])_j v[j].
 *
 * @param q [tokens][heads][width], width a multiple of 8; y likewise
 * @param k [tokens][kvHeads][width]; v likewise
 * @param space (width + 4) * keys float32, 16-byte aligned, where keys is tokens rounded up to a
 *   multiple of 8
 */
export function causalAttention(
  q: usize, k: usize, v: usize, y: usize, space: usize,
  tokens: i32, heads: i32, kvHeads: i32, width: i32, scale: f32,
): void {
  const keys = (tokens + 7) & ~7;
  const scores = space + ((<usize>width * keys) << 2);
  const group = heads / kvHeads;
  for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
    const offset = (<usize>kvHead * width) << 2;
    transposeKeys(k + offset, tokens, keys, kvHeads * width, width, space);
    for (let head = kvHead * group; head < (kvHead + 1) * group; head++) {
      const place = (<usize>head * width) << 2;
      attendHead(
        q + place, space, v + offset, y + place, scores,
        tokens, keys, heads * width, kvHeads * width, width, scale,
      );
    }
  }
}

/** One head to [width][keys]; keys that are not there become 0. */
function transposeKeys(k: usize, tokens: i32, keys: i32, stride: i32, width: i32, to: usize): void {
  const row = <usize>keys << 2;
  for (let j = 0; j < keys; j++) {
    const from = k + ((<usize>j * stride) << 2);
    let at = to + (<usize>j << 2);
    for (let c = 0; c < width; c++) {
      store<f32>(at, j < tokens ? load<f32>(from + (<usize>c << 2)) : 0);
      at += row;
    }
  }
}

function attendHead(
  q: usize, kT: usize, v: usize, y: usize, scores: usize,
  tokens: i32, keys: i32, qStride: i32, vStride: i32, width: i32, scale: f32,
): void {
  const rowBytes = <usize>keys << 2;
  const qBytes = <usize>qStride << 2;
  for (let i = 0; i < tokens; i += 4) {
    const last = min(i + 4, tokens);
    // Queries that are not there repeat the last one, and are not stored.
    const q0 = q + <usize>i * qBytes;
    const q1 = q + <usize>min(i + 1, tokens - 1) * qBytes;
    const q2 = q + <usize>min(i + 2, tokens - 1) * qBytes;
    const q3 = q + <usize>min(i + 3, tokens - 1) * qBytes;
    for (let j = 0; j < last; j += 8) {
      scoreTile(q0, q1, q2, q3, kT + (<usize>j << 2), rowBytes, width, scores + (<usize>j << 2));
    }
    for (let r = 0; r < 4; r++) {
      softmax(scores + <usize>r * rowBytes, min(i + r + 1, tokens), last, scale);
    }
    for (let c = 0; c < width; c += 8) {
      const at = <usize>c << 2;
      mixTile(scores, rowBytes, v + at, <usize>vStride << 2, last, y + <usize>i * qBytes + at, qBytes, last - i);
    }
  }
}

/** scores[4][8] of four queries and eight keys. */
function scoreTile(
  q0: usize, q1: usize, q2: usize, q3: usize, kT: usize, rowBytes: usize, width: i32, scores: usize,
): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  for (let c = 0; c < width; c++) {
    const b0 = v128.load(kT), b1 = v128.load(kT, 16);
    let a = v128.load32_splat(q0); c00 = madd(c00, a, b0); c01 = madd(c01, a, b1);
    a = v128.load32_splat(q1); c10 = madd(c10, a, b0); c11 = madd(c11, a, b1);
    a = v128.load32_splat(q2); c20 = madd(c20, a, b0); c21 = madd(c21, a, b1);
    a = v128.load32_splat(q3); c30 = madd(c30, a, b0); c31 = madd(c31, a, b1);
    q0 += 4; q1 += 4; q2 += 4; q3 += 4; kT += rowBytes;
  }
  let s = scores;
  v128.store(s, c00); v128.store(s, c01, 16); s += rowBytes;
  v128.store(s, c10); v128.store(s, c11, 16); s += rowBytes;
  v128.store(s, c20); v128.store(s, c21, 16); s += rowBytes;
  v128.store(s, c30); v128.store(s, c31, 16);
}

/** y[rows][8] = p[4][count] v[count][8], of which `rows` rows are stored. */
function mixTile(
  p: usize, rowBytes: usize, v: usize, vBytes: usize, count: i32, y: usize, yBytes: usize, rows: i32,
): void {
  let p0 = p, p1 = p0 + rowBytes, p2 = p1 + rowBytes, p3 = p2 + rowBytes;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  for (let j = 0; j < count; j++) {
    const b0 = v128.load(v), b1 = v128.load(v, 16);
    let a = v128.load32_splat(p0); c00 = madd(c00, a, b0); c01 = madd(c01, a, b1);
    a = v128.load32_splat(p1); c10 = madd(c10, a, b0); c11 = madd(c11, a, b1);
    a = v128.load32_splat(p2); c20 = madd(c20, a, b0); c21 = madd(c21, a, b1);
    a = v128.load32_splat(p3); c30 = madd(c30, a, b0); c31 = madd(c31, a, b1);
    p0 += 4; p1 += 4; p2 += 4; p3 += 4; v += vBytes;
  }
  v128.store(y, c00); v128.store(y, c01, 16);
  if (rows > 1) { y += yBytes; v128.store(y, c10); v128.store(y, c11, 16); }
  if (rows > 2) { y += yBytes; v128.store(y, c20); v128.store(y, c21, 16); }
  if (rows > 3) { y += yBytes; v128.store(y, c30); v128.store(y, c31, 16); }
}

/** Softmax of scale * the first `visible` scores, in place; those up to `count` become 0. */
function softmax(scores: usize, visible: i32, count: i32, scale: f32): void {
  const end = scores + (<usize>visible << 2);
  // Whole vectors are read: what lies behind the visible scores is made smallest first.
  const padded = scores + (<usize>((visible + 3) & ~3) << 2);
  for (let s = end; s < padded; s += 4) store<f32>(s, -Infinity);
  let largest = f32x4.splat(-Infinity);
  for (let s = scores; s < padded; s += 16) largest = f32x4.pmax(largest, v128.load(s));
  const top = f32x4.splat(
    max(
      max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
      max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
    ),
  );
  const factor = f32x4.splat(scale);
  let sums = f32x4.splat(0);
  for (let s = scores; s < padded; s += 16) {
    const e = expNegative(f32x4.mul(f32x4.sub(v128.load(s), top), factor));
    sums = f32x4.add(sums, e);
    v128.store(s, e);
  }
  const sum =
    f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) +
    (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
  const share = f32x4.splat(1 / sum);
  for (let s = scores; s < padded; s += 16) v128.store(s, f32x4.mul(v128.load(s), share));
  for (let s = end; s < scores + (<usize>count << 2); s += 4) store<f32>(s, 0);
}

/**
 * e^x for x <= 0, to about 2e-7 relative; 0 below -87.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2; ln 2 in two parts, so that r is exact; Taylor up to r^6 / 6!,
 * whose remainder is below 1.3e-7.
 */
// @ts-ignore: decorator
@inline
function expNegative(x: v128): v128 {
  const isTiny = f32x4.lt(x, f32x4.splat(-87));
  // pmax keeps what is not a number, as max does, and is one instruction.
  const clamped = f32x4.pmax(x, f32x4.splat(-87));
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.4426950408889634)));
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(0.00021219444005469057)));
  let series = f32x4.splat(1.0 / 720.0);
  series = madd(f32x4.splat(1.0 / 120.0), series, r);
  series = madd(f32x4.splat(1.0 / 24.0), series, r);
  series = madd(f32x4.splat(1.0 / 6.0), series, r);
  series = madd(f32x4.splat(0.5), series, r);
  series = madd(f32x4.splat(1.0), series, r);
  series = madd(f32x4.splat(1.0), series, r);
  // 1.5 * 2^23 + n holds n, a whole number, in its lowest bits.
  const whole = f32x4.add(n, f32x4.splat(12582912));
  const power = i32x4.shl(i32x4.add(whole, i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(series, power), isTiny);
}

import type { CausalAttention } from "../numerics/engine.ts";
import { expOfNegative } from "./exp.ts";

/** Queries that are computed together; also the granularity of padding. */
const BLOCK = 4;

const padded = (tokens: number): number => Math.ceil(tokens / BLOCK) * BLOCK;

/** Room for one head of one window, in float64: conversions are paid once a head, not once a product. */
interface Space {
  /** [padded tokens][head width] */
  readonly q: Float64Array;
  readonly k: Float64Array;
  /** Transposed. [head width][padded tokens] */
  readonly v: Float64Array;
  /** [BLOCK][padded tokens] */
  readonly scores: Float64Array;
  /** [BLOCK][head width] */
  readonly out: Float64Array;
}

function createSpace(tokens: number, headFeatures: number): Space {
  const length = padded(tokens);
  return {
    q: new Float64Array(length * headFeatures),
    k: new Float64Array(length * headFeatures),
    v: new Float64Array(length * headFeatures),
    scores: new Float64Array(BLOCK * length),
    out: new Float64Array(BLOCK * headFeatures),
  };
}

const fits = ({ q, scores, out }: Space, tokens: number, headFeatures: number): boolean =>
  q.length >= padded(tokens) * headFeatures &&
  scores.length >= BLOCK * padded(tokens) &&
  out.length >= BLOCK * headFeatures;

/**
 * Attention in TypeScript and float64: the definition, and what runs where the engine has none.
 *
 * Heads must have an even width.
 */
export function createAttention(): CausalAttention {
  let space = createSpace(0, 0);
  return ({ heads, kvHeads, headFeatures }, q, k, v, windowBegin, y) => {
    const group = heads / kvHeads;
    const scale = 1 / Math.sqrt(headFeatures);
    for (let w = 0; w + 1 < windowBegin.length; w++) {
      const begin = windowBegin[w]!;
      const tokens = windowBegin[w + 1]! - begin;
      if (!fits(space, tokens, headFeatures)) space = createSpace(tokens, headFeatures);
      for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
        unpackRows(k, begin, tokens, kvHeads, kvHead, headFeatures, 1, space.k);
        unpackColumns(v, begin, tokens, kvHeads, kvHead, headFeatures, space.v);
        for (let head = kvHead * group; head < (kvHead + 1) * group; head++) {
          unpackRows(q, begin, tokens, heads, head, headFeatures, scale, space.q);
          attendHead(tokens, headFeatures, space, y, begin * heads + head, heads);
        }
      }
    }
  };
}

/** One head of one window; row i of the result goes to y[first + i * stride][head width]. */
function attendHead(
  tokens: number,
  width: number,
  { q, k, v, scores, out }: Space,
  y: Float32Array,
  first: number,
  stride: number,
): void {
  const length = padded(tokens);
  for (let block = 0; block < tokens; block += BLOCK) {
    const keys = block + BLOCK;
    products(q, block * width, width, k, width, keys, width, scores, length);
    for (let i = 0; i < BLOCK; i++) causalSoftmax(scores, i * length, block + i + 1, keys);
    products(scores, 0, length, v, length, width, keys, out, width);
    const rows = Math.min(BLOCK, tokens - block);
    for (let i = 0; i < rows; i++) {
      const target = (first + (block + i) * stride) * width;
      for (let c = 0; c < width; c++) y[target + c] = out[i * width + c]!;
    }
  }
}

/** Softmax over the first `visible` of `length` scores, in place; the others become 0. */
function causalSoftmax(scores: Float64Array, begin: number, visible: number, length: number): void {
  const end = begin + visible;
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = begin; j < end; j++) if (scores[j]! > largest) largest = scores[j]!;
  let sum = 0;
  for (let j = begin; j < end; j++) {
    const e = expOfNegative(scores[j]! - largest);
    scores[j] = e;
    sum += e;
  }
  const factor = 1 / sum;
  for (let j = begin; j < end; j++) scores[j] = scores[j]! * factor;
  for (let j = end; j < begin + length; j++) scores[j] = 0;
}

/**
 * out[i][j] = sum over c of a[i][c] b[j][c], for the four rows i of a and `columns` (even) rows of b.
 *
 * Four by two sums are what fits into the registers of the machines this was tried on.
 */
function products(
  a: Float64Array,
  aBegin: number,
  aStride: number,
  b: Float64Array,
  bStride: number,
  columns: number,
  length: number,
  out: Float64Array,
  outStride: number,
): void {
  const a1 = aBegin + aStride;
  const a2 = a1 + aStride;
  const a3 = a2 + aStride;
  for (let j = 0; j < columns; j += 2) {
    const b0 = j * bStride;
    const b1 = b0 + bStride;
    let s00 = 0;
    let s01 = 0;
    let s10 = 0;
    let s11 = 0;
    let s20 = 0;
    let s21 = 0;
    let s30 = 0;
    let s31 = 0;
    for (let c = 0; c < length; c++) {
      const left = b[b0 + c]!;
      const right = b[b1 + c]!;
      const x0 = a[aBegin + c]!;
      const x1 = a[a1 + c]!;
      const x2 = a[a2 + c]!;
      const x3 = a[a3 + c]!;
      s00 += x0 * left;
      s01 += x0 * right;
      s10 += x1 * left;
      s11 += x1 * right;
      s20 += x2 * left;
      s21 += x2 * right;
      s30 += x3 * left;
      s31 += x3 * right;
    }
    out[j] = s00;
    out[j + 1] = s01;
    out[outStride + j] = s10;
    out[outStride + j + 1] = s11;
    out[2 * outStride + j] = s20;
    out[2 * outStride + j + 1] = s21;
    out[3 * outStride + j] = s30;
    out[3 * outStride + j + 1] = s31;
  }
}

/** One head of a window as [padded tokens][width], times `factor`; padding is 0. */
function unpackRows(
  x: Float32Array,
  begin: number,
  tokens: number,
  heads: number,
  head: number,
  width: number,
  factor: number,
  to: Float64Array,
): void {
  for (let i = 0; i < tokens; i++) {
    const from = ((begin + i) * heads + head) * width;
    for (let c = 0; c < width; c++) to[i * width + c] = x[from + c]! * factor;
  }
  to.fill(0, tokens * width, padded(tokens) * width);
}

/** The same transposed: [width][padded tokens]. */
function unpackColumns(
  x: Float32Array,
  begin: number,
  tokens: number,
  heads: number,
  head: number,
  width: number,
  to: Float64Array,
): void {
  const length = padded(tokens);
  for (let c = 0; c < width; c++) {
    const from = (begin * heads + head) * width + c;
    for (let i = 0; i < tokens; i++) to[c * length + i] = x[from + i * heads * width]!;
    for (let i = tokens; i < length; i++) to[c * length + i] = 0;
  }
}

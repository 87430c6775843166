/** Gradient of causal attention. */
import type { AttentionShape } from "../numerics/engine.ts";
import { type Multiply, transpose } from "./backward-tools.ts";
import { expOfNegative } from "./exp.ts";

/** Room for one head of one window. */
interface HeadSpace {
  readonly tokens: number;
  readonly width: number;
  /** [tokens][width] */
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly dy: Float32Array;
  readonly result: Float32Array;
  /** [width][tokens] */
  readonly turned: Float32Array;
  /** Attention weights, then the gradients of the scores. [tokens][tokens] */
  readonly p: Float32Array;
  readonly ds: Float32Array;
  readonly turnedSquare: Float32Array;
}

function createSpace(tokens: number, width: number): HeadSpace {
  const rows = () => new Float32Array(tokens * width);
  const square = () => new Float32Array(tokens * tokens);
  return {
    tokens,
    width,
    q: rows(),
    k: rows(),
    v: rows(),
    dy: rows(),
    result: rows(),
    turned: rows(),
    p: square(),
    ds: square(),
    turnedSquare: square(),
  };
}

/** What went into attention, and where its gradients go; all [rows][heads of its kind * width]. */
export interface AttentionGradients {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  /** dL/d(result) */
  readonly dy: Float32Array;
  /** Overwritten. */
  readonly dq: Float32Array;
  readonly dk: Float32Array;
  readonly dv: Float32Array;
}

/**
 * With S = q k^T / sqrt(width), P = softmax(S) and y = P v: dv = P^T dy, dP = dy v^T,
 * dS = P (dP - sum over a row of P dP), dq = dS k / sqrt(width), dk = dS^T q / sqrt(width).
 *
 * A key and a value gather what all query heads of their group say.
 *
 * @source Derivative of Vaswani et al., arXiv 1706.03762, eq. 1.
 */
export function reverseAttention(
  { heads, kvHeads, headFeatures }: AttentionShape,
  { q, k, v, dy, dq, dk, dv }: AttentionGradients,
  windowBegin: Int32Array,
  multiply: Multiply,
): void {
  const rows = windowBegin[windowBegin.length - 1]!;
  for (const kept of [dk, dv]) kept.fill(0, 0, rows * kvHeads * headFeatures);
  dq.fill(0, 0, rows * heads * headFeatures);
  let space = createSpace(0, headFeatures);
  for (let w = 0; w + 1 < windowBegin.length; w++) {
    const begin = windowBegin[w]!;
    const tokens = windowBegin[w + 1]! - begin;
    if (space.tokens !== tokens) space = createSpace(tokens, headFeatures);
    for (let head = 0; head < heads; head++) {
      const query: Place = { begin, heads, head };
      const key: Place = { begin, heads: kvHeads, head: Math.floor((head * kvHeads) / heads) };
      take(q, query, space, space.q);
      take(k, key, space, space.k);
      take(v, key, space, space.v);
      take(dy, query, space, space.dy);
      reverseScores(space, multiply);
      addProduct(space.p, true, space.dy, 1, space, multiply, dv, key);
      addProduct(space.ds, false, space.k, 1 / Math.sqrt(headFeatures), space, multiply, dq, query);
      addProduct(space.ds, true, space.q, 1 / Math.sqrt(headFeatures), space, multiply, dk, key);
    }
  }
}

/** Fills `p` and `ds` of a head. */
function reverseScores({ tokens, width, q, k, v, dy, p, ds }: HeadSpace, multiply: Multiply): void {
  multiply(q, tokens, k, tokens, width, p);
  multiply(dy, tokens, v, tokens, width, ds);
  const scale = 1 / Math.sqrt(width);
  for (let i = 0; i < tokens; i++) {
    const begin = i * tokens;
    causalSoftmax(p, begin, i + 1, scale);
    let along = 0;
    for (let j = begin; j <= begin + i; j++) along += p[j]! * ds[j]!;
    for (let j = begin; j <= begin + i; j++) ds[j] = p[j]! * (ds[j]! - along);
    p.fill(0, begin + i + 1, begin + tokens);
    ds.fill(0, begin + i + 1, begin + tokens);
  }
}

/** Softmax of `scale` times the first `visible` scores, in place. */
function causalSoftmax(x: Float32Array, begin: number, visible: number, scale: number): void {
  const end = begin + visible;
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = begin; j < end; j++) if (x[j]! > largest) largest = x[j]!;
  let sum = 0;
  for (let j = begin; j < end; j++) sum += expOfNegative(scale * (x[j]! - largest));
  for (let j = begin; j < end; j++) x[j] = expOfNegative(scale * (x[j]! - largest)) / sum;
}

/** Adds factor * square * x, or factor * square^T * x, to the rows of a head. */
function addProduct(
  square: Float32Array,
  isTurned: boolean,
  x: Float32Array,
  factor: number,
  { tokens, width, turned, turnedSquare, result }: HeadSpace,
  multiply: Multiply,
  to: Float32Array,
  { begin, heads, head }: Place,
): void {
  transpose(x, tokens, width, turned);
  if (isTurned) transpose(square, tokens, tokens, turnedSquare);
  multiply(isTurned ? turnedSquare : square, tokens, turned, width, tokens, result);
  for (let i = 0; i < tokens; i++) {
    const at = ((begin + i) * heads + head) * width;
    for (let c = 0; c < width; c++) to[at + c] = to[at + c]! + factor * result[i * width + c]!;
  }
}

/** A head of a window: first row, how many heads a row has, which one. */
interface Place {
  readonly begin: number;
  readonly heads: number;
  readonly head: number;
}

/** One head as [tokens][width]. */
function take(
  from: Float32Array,
  { begin, heads, head }: Place,
  { tokens, width }: HeadSpace,
  to: Float32Array,
): void {
  for (let i = 0; i < tokens; i++) {
    const at = ((begin + i) * heads + head) * width;
    to.set(from.subarray(at, at + width), i * width);
  }
}

/**
 * Attention among the tokens of each example as one operation: heads are small, and the library's
 * batched products of small matrices are slow.
 *
 * @source Vaswani et al., arXiv 1706.03762, eq. 1; every token sees every token of its example.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { emptyMatrix, viewOf } from "./tensors.ts";
import { withGradient } from "./with-gradient.ts";

export interface HeadShape {
  readonly heads: number;
  /** Tokens of an example. */
  readonly tokens: number;
}

/** One head of one example: where it begins, and strides. */
interface Head {
  /** Of its first feature in q, k, v and y. */
  readonly at: number;
  /** Features of all heads. */
  readonly stride: number;
  readonly width: number;
  readonly tokens: number;
  /** Of its probabilities, [tokens][tokens]. */
  readonly p: number;
}

/** softmax(q k^T / sqrt(width)) v, head by head. @param q [examples * tokens][features]; k, v too */
export function attend(
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  shape: HeadShape,
): tf.Tensor2D {
  const [rows, features] = q.shape;
  const p = new Float32Array(rows * shape.tokens * shape.heads);
  const matrix = (): tf.Tensor2D => emptyMatrix(rows, features);
  return withGradient([q, k, v], {
    forward: (inputs, save) => {
      save([...inputs]);
      const y = matrix();
      const [qs, ks, vs, ys] = [...inputs, y].map(viewOf) as [Floats, Floats, Floats, Floats];
      ys.fill(0);
      forEachHead(rows, features, shape, (head) => {
        scores(head, qs, ks, p);
        softmaxRows(head, p);
        mix(head, p, vs, ys);
      });
      return y;
    },
    backward: (dy, inputs) => {
      const gradients = [matrix(), matrix(), matrix()];
      const [qs, ks, vs] = inputs.map(viewOf) as [Floats, Floats, Floats];
      const [dq, dk, dv] = gradients.map(viewOf) as [Floats, Floats, Floats];
      const d = viewOf(dy);
      for (const gradient of [dq, dk, dv]) gradient.fill(0);
      const ds = new Float32Array(shape.tokens ** 2);
      forEachHead(rows, features, shape, (head) => {
        backToScores(head, p, d, vs, dv, ds);
        backToInputs(head, ds, qs, ks, dq, dk);
      });
      return gradients;
    },
  });
}

type Floats = Float32Array;

function forEachHead(
  rows: number,
  features: number,
  { heads, tokens }: HeadShape,
  visit: (head: Head) => void,
): void {
  const width = features / heads;
  for (let first = 0, p = 0; first < rows; first += tokens)
    for (let head = 0; head < heads; head++, p += tokens * tokens)
      visit({ at: first * features + head * width, stride: features, width, tokens, p });
}

function scores({ at, stride, width, tokens, p: begin }: Head, q: Floats, k: Floats, p: Floats) {
  const scale = 1 / Math.sqrt(width);
  for (let i = 0; i < tokens; i++)
    for (let j = 0; j < tokens; j++) {
      const [a, b] = [at + i * stride, at + j * stride];
      let sum = 0;
      for (let c = 0; c < width; c++) sum += q[a + c]! * k[b + c]!;
      p[begin + i * tokens + j] = sum * scale;
    }
}

function softmaxRows({ tokens, p: begin }: Head, p: Floats): void {
  for (let row = begin; row < begin + tokens * tokens; row += tokens) {
    let max = p[row]!;
    for (let j = row; j < row + tokens; j++) if (p[j]! > max) max = p[j]!;
    let sum = 0;
    for (let j = row; j < row + tokens; j++) {
      const e = Math.exp(p[j]! - max);
      p[j] = e;
      sum += e;
    }
    for (let j = row; j < row + tokens; j++) p[j] = p[j]! / sum;
  }
}

/** y += p v. */
function mix({ at, stride, width, tokens, p: begin }: Head, p: Floats, v: Floats, y: Floats): void {
  for (let i = 0; i < tokens; i++)
    for (let j = 0; j < tokens; j++) {
      const weight = p[begin + i * tokens + j]!;
      const [to, from] = [at + i * stride, at + j * stride];
      for (let c = 0; c < width; c++) y[to + c] = y[to + c]! + weight * v[from + c]!;
    }
}

/** dv += p^T dy; ds = p (dp - sum of p dp), dp = dy v^T. @param ds [tokens][tokens], overwritten */
function backToScores(
  { at, stride, width, tokens, p: begin }: Head,
  p: Floats,
  dy: Floats,
  v: Floats,
  dv: Floats,
  ds: Floats,
): void {
  for (let i = 0; i < tokens; i++) {
    const row = i * tokens;
    const from = at + i * stride;
    let along = 0;
    for (let j = 0; j < tokens; j++) {
      const weight = p[begin + row + j]!;
      const to = at + j * stride;
      let sum = 0;
      for (let c = 0; c < width; c++) {
        const g = dy[from + c]!;
        sum += g * v[to + c]!;
        dv[to + c] = dv[to + c]! + weight * g;
      }
      ds[row + j] = sum;
      along += weight * sum;
    }
    for (let j = 0; j < tokens; j++) ds[row + j] = p[begin + row + j]! * (ds[row + j]! - along);
  }
}

/** dq += ds k / sqrt(width), dk += ds^T q / sqrt(width). */
function backToInputs(
  { at, stride, width, tokens }: Head,
  ds: Floats,
  q: Floats,
  k: Floats,
  dq: Floats,
  dk: Floats,
): void {
  const scale = 1 / Math.sqrt(width);
  for (let i = 0; i < tokens; i++)
    for (let j = 0; j < tokens; j++) {
      const g = ds[i * tokens + j]! * scale;
      const [a, b] = [at + i * stride, at + j * stride];
      for (let c = 0; c < width; c++) {
        dq[a + c] = dq[a + c]! + g * k[b + c]!;
        dk[b + c] = dk[b + c]! + g * q[a + c]!;
      }
    }
}

import type { VectorFunction } from "../../model/op.ts";

/**
 * exp(x): multiply by log2(e), subtract the whole part, a polynomial of degree 3 by Horner's rule
 * (3 multiplies, 3 adds); the whole part goes into the exponent for free.
 */
const EXP = 8;

/** 1/x: a table look-up and one Newton step x (2 - a x): 2 multiplies, 1 subtract. */
const RECIPROCAL = 4;

/** 1 / (1 + exp(-x)). */
const SIGMOID = EXP + 1 + RECIPROCAL;

/**
 * Lane operations (one multiply, add or compare) per element.
 *
 * What is needed once per vector (a reciprocal, a square root) is left out.
 */
export const LANE_OPS = {
  add: 1,
  "multiply-add": 2,
  accumulate: 1,
  /** Square, sum; times 1/rms, times weight. */
  "rms-norm": 4,
  /** Sum; minus mean; square, sum; times 1/std; times weight, plus bias. */
  "layer-norm": 7,
  /** x cos(a) - y sin(a). */
  rope: 3,
  /** Compare (maximum); subtract; exp; sum; times 1/sum. */
  softmax: 4 + EXP,
  sigmoid: SIGMOID,
  /** sigmoid(g) g u. */
  swiglu: SIGMOID + 2,
  /** Each element is compared with a sorted list of up to 8. */
  "top-k": 8,
  argmax: 1,
  /** Compare with 0. */
  relu: 1,
} as const satisfies Record<VectorFunction, number>;

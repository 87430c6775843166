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

/** 2 / (1 + exp(-2 x)) - 1: the factor of x goes into the multiply of exp. */
const TANH = SIGMOID + 2;

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
  /** x sigmoid(1.702 x), the factor within exp. @source Hendrycks & Gimpel, arXiv 1606.08415 */
  gelu: SIGMOID + 1,
  tanh: TANH,
  /** Of the elements of a window: compare. */
  max: 1,
  /**
   * Of each unit of the state: the 4 gates add up input, state and bias; sigmoid of 3 of them, tanh
   * of the candidate and of the new cell; f c + i g is 3 operations, times o is one.
   * @source Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000
   */
  "lstm-cell": 8 + 3 * SIGMOID + 2 * TANH + 4,
} as const satisfies Record<VectorFunction, number>;

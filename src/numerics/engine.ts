/** What computes matrix products, digitally or as crossbars would. */

export const ENGINES = ["reference", "wasm", "native", "webgpu"] as const;
export type EngineName = (typeof ENGINES)[number];

/** y[row][output] = sum over inputs of x[row][input] * W[output][input], more or less exactly. */
export interface Projection {
  readonly inputs: number;
  readonly outputs: number;
  /**
   * @param x [rows][inputs]
   * @param rowIds [rows] which token each row is. It is the address of the row's noise, so that
   *   results depend neither on how rows are batched nor on their order.
   * @param y [rows][outputs], overwritten
   */
  readonly apply: (x: Float32Array, rows: number, rowIds: Uint32Array, y: Float32Array) => void;
}

export interface AttentionShape {
  readonly heads: number;
  /** Divides `heads`. */
  readonly kvHeads: number;
  readonly headFeatures: number;
}

/**
 * Causal attention within each window: softmax(q k^T / sqrt(head width)) v, head by head; query
 * head h uses key head floor(h * kvHeads / heads).
 *
 * @param q [rows][heads * head width]
 * @param k [rows][kvHeads * head width]; v likewise
 * @param windowBegin [windows + 1] the rows of window w are windowBegin[w] up to windowBegin[w + 1]
 * @param y [rows][heads * head width], overwritten
 * @source Vaswani et al., arXiv 1706.03762, eq. 1; grouped queries: Ainslie et al., arXiv 2305.13245.
 */
export type CausalAttention = (
  shape: AttentionShape,
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  windowBegin: Int32Array,
  y: Float32Array,
) => void;

/** Input and output side of a crossbar, in its own units: weights up to 1, inputs up to 1. */
export interface Periphery {
  /** Codes on each side of zero, 2^(bits-1) - 1; 0: no rounding. */
  readonly inputLevels: number;
  readonly outputLevels: number;
  /** ADC full scale; 0: infinite. */
  readonly outputBound: number;
  /** Standard deviation of the Gaussian noise before the ADC. */
  readonly outputNoise: number;
  /** Short-term read noise: std = readNoise * sqrt(sum |w| x^2). */
  readonly readNoise: number;
  /** Scale of the IR drop, 0: none; and wire over device conductance. */
  readonly irDrop: number;
  readonly irDropConductanceRatio: number;
}

/** A block of a matrix on one crossbar, as it reads now: programming noise and drift are in it. */
export interface AnalogBlock {
  /** Half-open ranges of the matrix: rows are inputs, columns outputs. */
  readonly rowBegin: number;
  readonly rowEnd: number;
  readonly colBegin: number;
  readonly colEnd: number;
  /** Normalised weights [cols][rows], mostly within -1..1. */
  readonly weights: Float32Array;
  /** What a normalised weight of 1 stands for, per column; drift compensation is in it. [cols] */
  readonly scale: Float32Array;
  /** Full scale of the inputs; 0: each vector's own largest value (dynamic). */
  readonly inputRange: number;
}

/** A matrix as programmed into crossbars. */
export interface AnalogMatrix {
  readonly inputs: number;
  readonly outputs: number;
  readonly blocks: readonly AnalogBlock[];
  readonly periphery: Periphery;
  /** Address of the noise of reads. */
  readonly seed: number;
  readonly matrix: number;
}

/** What a decoder does between its products. Arrays may be longer than needed. */
export interface VectorKernels {
  /** y[row] = x[row] / sqrt(mean(x[row]^2) + epsilon) * weight; x and y may be the same array. */
  readonly rmsNorm: (
    x: Float32Array,
    rows: number,
    weight: Float32Array,
    epsilon: number,
    y: Float32Array,
  ) => void;
  /** to[i] += from[i] */
  readonly addTo: (to: Float32Array, from: Float32Array, count: number) => void;
  /** gate = silu(gate) * up, in place. */
  readonly swiglu: (gate: Float32Array, up: Float32Array, count: number) => void;
  /**
   * added[floor(slots[s] / k)] += weights[slots[s]] * y[s], in the order of s.
   *
   * @param y [count][width]
   * @param slots [count] places in `weights`
   * @param added [count / k][width]
   */
  readonly addWeighted: (
    y: Float32Array,
    slots: Int32Array,
    weights: Float32Array,
    count: number,
    k: number,
    width: number,
    added: Float32Array,
  ) => void;
  /**
   * ln of the sum of e^x over x[begin .. begin + count).
   *
   * @throws Error if an x is not finite
   */
  readonly logSumExp: (x: Float32Array, begin: number, count: number) => number;
  /**
   * KL(p || q) = sum of p (ln p - ln q).
   *
   * @param logP log-probabilities of p, from `pBegin`
   * @param logits of q, from `qBegin`; ln q is logits - logNormaliser
   */
  readonly klDivergence: (
    logP: Float32Array,
    pBegin: number,
    logits: Float32Array,
    qBegin: number,
    logNormaliser: number,
    count: number,
  ) => number;
}

export interface Engine {
  readonly name: EngineName;
  /** @param weights [outputs][inputs] */
  readonly digital: (weights: Float32Array, outputs: number, inputs: number) => Projection;
  readonly analog: (matrix: AnalogMatrix) => Projection;
}

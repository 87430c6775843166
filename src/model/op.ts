/**
 * One step of the lowered workload, without time and energy.
 *
 * Lowering makes a short list of distinct ops and a long column that says which of them each step
 * is; `cost` prices each distinct op once.
 */
export type Op =
  /** One input vector through one block of weights [rows = inputs][cols = outputs] on one tier. */
  | {
      readonly kind: "mvm";
      readonly tileKind: number;
      readonly rows: number;
      readonly cols: number;
    }
  /** Element-wise work on the local unit of a tile. */
  | {
      readonly kind: "tile-vector";
      readonly tileKind: number;
      readonly fn: VectorFunction;
      readonly elements: number;
    }
  /** Element-wise work on a digital core (index into `arch.cores`). */
  | {
      readonly kind: "vector";
      readonly core: number;
      readonly fn: VectorFunction;
      readonly elements: number;
    }
  /** `batch` products [tokens][inputs] x [inputs][outputs] on one digital core. */
  | {
      readonly kind: "matmul";
      readonly core: number;
      readonly batch: number;
      readonly tokens: number;
      readonly inputs: number;
      readonly outputs: number;
    }
  /** Traffic of one memory (index into `arch.memories`). */
  | {
      readonly kind: "memory";
      readonly memory: number;
      readonly access: "read" | "write";
      readonly bytes: number;
      /** Keys and values; left out: weights or activations. The same price. */
      readonly holds?: "kv";
    }
  /**
   * A message over a route of the interconnect; its length in hops belongs to the route. On a
   * reduction also the values that routers add to others on the way.
   */
  | { readonly kind: "message"; readonly bytes: number; readonly adds?: number }
  /** Writes one crossbar of a tile. */
  | { readonly kind: "program"; readonly tileKind: number };

/** Element-wise functions. The cost model says how many lane operations an element takes. */
export const VECTOR_FUNCTIONS = [
  "add",
  "multiply-add",
  "accumulate",
  "rms-norm",
  "layer-norm",
  "rope",
  "softmax",
  "sigmoid",
  "swiglu",
  "top-k",
  "argmax",
  "relu",
  "gelu",
  "tanh",
  "max",
  "lstm-cell",
] as const;
export type VectorFunction = (typeof VECTOR_FUNCTIONS)[number];

/** Energy of one kind of event in one component. */
export interface Charge {
  /** For example "pcm-tile adc", "hbm". */
  readonly component: string;
  /** For example "convert", "read". */
  readonly action: string;
  readonly count: number;
  readonly energy_pJ: number;
}

/** What one op costs. */
export interface Price {
  /** How long the op keeps its resource; for a message, one link. Whole picoseconds, >= 1. */
  readonly duration_ps: number;
  /** How much later than that its result is there: pipeline depth. Whole picoseconds, >= 0. */
  readonly tail_ps: number;
  readonly charges: readonly Charge[];
}

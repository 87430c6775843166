/** What a user asks of one run, beside arch, workload and placement. */

export const LEVELS = ["table", "bounds", "simulate"] as const;
export type Level = (typeof LEVELS)[number];

/** What happens to matrices that find no free crossbar. */
export const OVERFLOWS = ["infeasible", "digital", "reprogram"] as const;
export type Overflow = (typeof OVERFLOWS)[number];

/** How the crossbars of a kind of tile are shared out among the blocks that go there. */
export const ASSIGNMENTS = ["in-order", "random", "least-used", "co-activation"] as const;
export type AssignmentName = (typeof ASSIGNMENTS)[number];

/** How tokens choose experts when no trace is given. */
export type Routing =
  | { readonly kind: "uniform" }
  /** Expert ranked r is chosen with weight 1 / r^s. */
  | { readonly kind: "zipf"; readonly exponent: number }
  /** The same, with draws that last for `mean_tokens` tokens on average. */
  | { readonly kind: "bursts"; readonly mean_tokens: number; readonly exponent: number }
  /** Recorded choices; experts[layer][token * k + i]. Repeated when shorter than the run. */
  | { readonly kind: "trace"; readonly experts: readonly Int32Array[]; readonly name: string };

export interface CostOptions {
  readonly seed: number;
  /** Sequences served at once. */
  readonly batch: number;
  /** Prompt tokens of each sequence. */
  readonly prefill_tokens: number;
  /** Tokens generated for each sequence. */
  readonly decode_tokens: number;
  readonly routing: Routing;
  readonly level: Level;
  readonly overflow: Overflow;
  /**
   * An expert takes at most this times its even share of the tokens of a prompt or decode step;
   * assignments beyond that are dropped. Left out: no limit.
   */
  readonly capacity_factor?: number | undefined;
  /** Left out: in-order. A placement that names one wins. */
  readonly assignment?: AssignmentName | undefined;
  /** Copies of hot experts take at most the crossbars of that many tiles; left out: no copies. */
  readonly replica_tiles?: number | undefined;
  /** What assignment and copies expect; left out: the run's own routing. */
  readonly profile?: Routing | undefined;
  /** Adds the critical path and the waiting times at level `simulate`. */
  readonly explain?: boolean;
  /** Adds what each tile, link and layer did. */
  readonly detail?: boolean;
}

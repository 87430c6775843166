/** What a user asks of one run, beside arch, workload and placement. */

export const LEVELS = ["table", "bounds", "simulate"] as const;
export type Level = (typeof LEVELS)[number];

/** What happens to matrices that find no free crossbar. */
export const OVERFLOWS = ["infeasible", "digital", "reprogram"] as const;
export type Overflow = (typeof OVERFLOWS)[number];

/** How tokens choose experts when no trace is given. */
export type Routing =
  | { readonly kind: "uniform" }
  /** Expert ranked r is chosen with weight 1 / r^s. */
  | { readonly kind: "zipf"; readonly exponent: number }
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
  /** Adds the critical path and the waiting times at level `simulate`. */
  readonly explain?: boolean;
}

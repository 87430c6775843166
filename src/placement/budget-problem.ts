/** What a placement within budgets is chosen from. */
import type { Affine, Variable } from "../model/integer-programme.ts";
import type { Budget, Fields, Quantities } from "./budget.ts";

/** One placement as it is changed matrix by matrix, by estimates. */
export interface DesignMeter {
  /** Moves a matrix to the other side. */
  readonly flip: (id: number) => void;
  readonly quantities: () => Quantities;
  /** Is there room for every matrix? */
  readonly fits: () => boolean;
}

export interface BudgetProblem {
  /** Of each matrix, when it is analog: what is to be small in sum. */
  readonly rises_nats: readonly number[];
  readonly budgets: readonly Budget[];
  /** The estimate. The first variables are the matrices: 1 is analog. */
  readonly programme: {
    readonly variables: readonly Variable[];
    readonly rows: readonly Affine[];
    readonly quantities: Readonly<Record<string, Affine>>;
    /** Quantities that the rows bound from below only: large ones may be made up. */
    readonly floored: readonly string[];
  };
  readonly fieldsOf: (quantities: Quantities) => Fields;
  /** The same estimate, of one placement. */
  readonly meter: (isAnalog: Uint8Array) => DesignMeter;
  /** The real thing; a text says why it cannot run. */
  readonly evaluate: (isAnalog: Uint8Array) => Evaluated | string;
}

export interface Evaluated {
  readonly quantities: Quantities;
  readonly fields: Fields;
}

/** A placement within its budgets. */
export interface BudgetChoice {
  readonly isAnalog: Uint8Array;
  /** What the digital matrices take away from the rise of all. */
  readonly removed_nats: number;
  readonly all_nats: number;
  /** No choice removes more; by the estimate, unless that is the real thing. */
  readonly bound_nats: number;
  /** Does the bound rest on an estimate, corrected at this choice? */
  readonly isEstimated: boolean;
  /** Budgets that the bound leaves out, because no linear programme has them. */
  readonly unbounded: readonly string[];
  /** What each budget's expression comes to, really. */
  readonly values: readonly number[];
}

/** No placement keeps the budgets. */
export interface NoChoice {
  readonly budget: Budget;
  /** The nearest to the limit that was reached. */
  readonly reachable: number | null;
  /** Budgets that were kept for it. */
  readonly kept: readonly string[];
  /** Why not even that can run. */
  readonly reason: string | null;
}

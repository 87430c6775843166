/** What training takes and yields. */
import type { AnalogTile } from "../model/arch.ts";
import type { DigitalRecipe, HardwareRecipe } from "../model/training-recipe.ts";
import type { ReusableEngine } from "../numerics/engines/reusable.ts";
import type { LabelledBatch, Network, ParameterValues } from "./network.ts";

/** Full scale of the inputs of each row range of each product, by product name; `null`: dynamic. */
export type ProductRanges = ReadonlyMap<string, Float64Array | null>;

/** All that further training depends on: going on from here yields the same bits. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  readonly parameters: ParameterValues;
  /** Input ranges, and batches they have seen; empty in digital training. */
  readonly ranges: ReadonlyMap<string, Float64Array>;
  readonly rangeBatches: ReadonlyMap<string, Int32Array>;
  /** Running means of the optimiser, by parameter (or `${product}.range`). */
  readonly moments: ReadonlyMap<string, Moments>;
}

/** First: mean gradient or velocity; second: mean squared gradient, empty for SGD. */
export interface Moments {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Crossbars in the loop. */
export interface Hardware {
  readonly recipe: HardwareRecipe;
  readonly tile: AnalogTile;
  /** Names of analog products; left out: all that may be. */
  readonly analog?: ReadonlySet<string>;
  /** Digital network whose outputs are imitated; needed if the recipe distils. */
  readonly teacher?: ParameterValues;
}

export interface TrainRequest {
  readonly network: Network;
  readonly recipe: DigitalRecipe;
  /** Left out: digital training. */
  readonly hardware?: Hardware;
  readonly start: TrainingState;
  /** The batch of a step: depends on the step only. */
  readonly batchAt: (step: number) => LabelledBatch;
  readonly seed: number;
  readonly engine: ReusableEngine;
  /** Steps between events; left out: 10. */
  readonly reportSteps?: number;
}

/** One event of training. */
export interface TrainProgress {
  /** Steps done. */
  readonly step: number;
  /** Mean loss of the steps since the last event. */
  readonly loss_nats: number;
  readonly learning_rate: number;
  /** Share of the weight noise that the ramp has reached; 0 in digital training. */
  readonly noise_frac: number;
  readonly gradient_norm: number;
  /** A copy of the state at this step. */
  readonly state: () => TrainingState;
}

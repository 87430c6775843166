import type { WeightMatrix } from "../model/matrix.ts";

/** What an observer of a run may ask to see. Arrays are views that hold only during the call. */
export interface Hooks {
  /**
   * Which experts the router of a layer chose.
   *
   * @param rowIds [rows] numbers of the tokens in the whole text
   * @param experts [rows * k], best first
   * @param weights [rows * k] gate weights
   */
  readonly onRouting?: (
    layer: number,
    rowIds: Uint32Array,
    experts: Int32Array,
    weights: Float32Array,
  ) => void;
  /** What goes into a matrix. x: [rows][matrix.inputs] */
  readonly onInputs?: (matrix: WeightMatrix, x: Float32Array, rows: number) => void;
}

export const NO_HOOKS: Hooks = {};

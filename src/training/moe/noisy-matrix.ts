/** A matrix of a decoder on the crossbars of one training step. */
import type { ForwardOverrides } from "../../model/training-recipe.ts";
import type { AnalogMatrix } from "../../numerics/engine.ts";
import type { TileEngine } from "../../numerics/tile.ts";
import { type StepNoise as MatrixNoise, stepMatrix, trainingTile } from "../step-matrix.ts";
import { rangesOf, type TrainedMatrix, weightsOf } from "./parameters.ts";

/** The noise of one step. */
export interface StepNoise extends MatrixNoise {
  /** Its addresses begin with it: another one in every step, and none of an evaluation. */
  readonly seed: number;
  readonly forward: ForwardOverrides;
}

/** The matrix as the step's crossbars hold it. */
export function noisyMatrix(
  trained: TrainedMatrix,
  noise: StepNoise,
  engine: TileEngine,
): AnalogMatrix {
  const { matrix, tile, blocks } = trained;
  const request = {
    ...trainingTile(tile, noise.forward),
    weights: weightsOf(trained),
    ...{ matrix, blocks },
    inputRanges: rangesOf(trained),
    seed: noise.seed,
  };
  return stepMatrix(request, noise, engine);
}

/** From a state of training back to a model. */
import type { MatrixRanges } from "../../accuracy/evaluator.ts";
import type { HardwareRecipe } from "../../model/training-recipe.ts";
import type { ModelWeights } from "../../transformer/assemble.ts";
import type { TrainingState } from "../session.ts";
import { rangesOf, weightsOf } from "./parameters.ts";
import { type AnalogDecoder, loadState, parametersOf, trainedMatrices } from "./state.ts";

/**
 * Weights of all matrices and input ranges of the trained ones, [tile kind][matrix].
 *
 * Learned output scales are in the weights: when a matrix is programmed, each column is scaled to its
 * largest weight, so a factor of a column changes the scale that is read out, and no conductance.
 */
export function trainedModel(
  model: AnalogDecoder,
  weights: ModelWeights,
  state: TrainingState,
  { optimiser }: Pick<HardwareRecipe, "optimiser">,
): { readonly weights: ModelWeights; readonly ranges: MatrixRanges } {
  const trained = trainedMatrices(model, weights.matrices);
  loadState(state, parametersOf(trained), optimiser);
  const byId = new Map(trained.map((t) => [t.matrix.id, t]));
  return {
    weights: {
      ...weights,
      matrices: weights.matrices.map((own, id) => {
        const matrix = byId.get(id);
        return matrix === undefined ? own : weightsOf(matrix);
      }),
    },
    ranges: model.ranges.map((ofKind, kind) =>
      ofKind.map((own, id) => {
        const matrix = model.tileKinds[id] === kind ? byId.get(id) : undefined;
        return matrix === undefined ? own : rangesOf(matrix);
      }),
    ),
  };
}

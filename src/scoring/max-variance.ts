import type { WeightMatrix } from "../model/matrix.ts";
import type { ExpertScores } from "../placement/strategy.ts";
import { emptyScores, forEachPiece, type WeightSource } from "./weight-scores.ts";

/**
 * Of the gate neuron (row) with the largest L2 norm of every routed expert: the variance of its
 * weights.
 *
 * @param matrices as `weightMatrices` lists them; those of other modules are skipped
 * @source arXiv 2604.06515 (ICLR 2026), MaxVar for gated experts.
 */
export async function maxVarianceScores(
  checkpoint: WeightSource,
  matrices: readonly WeightMatrix[],
): Promise<ExpertScores> {
  const scores = emptyScores(matrices);
  const gates = matrices.filter(({ module, part }) => module === "expert" && part === "gate");
  let largest = 0;
  await forEachPiece(
    checkpoint,
    gates,
    () => {},
    ({ layer, expert, inputs }, rowBegin, _rowEnd, values) => {
      const ofLayer = scores[layer]!;
      if (rowBegin === 0) largest = -1;
      for (let begin = 0; begin < values.length; begin += inputs) {
        const { squares, variance } = momentsOf(values.subarray(begin, begin + inputs));
        if (squares <= largest) continue;
        largest = squares;
        ofLayer[expert] = variance;
      }
    },
  );
  return scores;
}

/** Sum of squares, and population variance. */
function momentsOf(x: Float32Array): { readonly squares: number; readonly variance: number } {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < x.length; i++) {
    sum += x[i]!;
    squares += x[i]! * x[i]!;
  }
  const mean = sum / x.length;
  return { squares, variance: Math.max(0, squares / x.length - mean * mean) };
}

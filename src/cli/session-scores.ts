/** Expert scores of a model in memory that need the chip's noise, or the weights beside a text. */
import { referenceLength } from "../accuracy/evaluator.ts";
import { type ForwardModel, forwardCurvature, onlyExpert } from "../accuracy/forward-curvature.ts";
import type { TextScore } from "../model/evaluation.ts";
import { weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import type { ExpertScores } from "../placement/strategy.ts";
import type { ModelWeights } from "../transformer/assemble.ts";
import type { TokenWindow } from "../transformer/batch.ts";

/** Calibration tokens of these scores: one run for every expert has to be affordable. */
const SCORE_TOKENS = 1024;

export interface SessionScores {
  readonly "measured-sensitivity": () => Promise<ExpertScores>;
  readonly "forward-curvature": () => Promise<ExpertScores>;
}

interface SessionModel {
  readonly workload: Workload;
  readonly weights: ModelWeights;
  readonly decoder: ForwardModel["decoder"];
  readonly fillNormals: ForwardModel["fillNormals"];
}

/** The text of an evaluation. */
export interface CalibrationPlan {
  readonly windows: readonly TokenWindow[];
  readonly pairs: readonly [];
  readonly reference: Float32Array;
}

/**
 * @param evaluate scores placements on a text under one noise seed
 * @param calibration a text that nothing is judged on
 */
export function createSessionScores(
  { workload, weights, decoder, fillNormals }: SessionModel,
  calibration: readonly TokenWindow[],
  evaluate: (
    plan: CalibrationPlan,
    tileKinds: readonly Int32Array[],
  ) => Promise<readonly { readonly text: readonly TextScore[] }[]>,
  seed: number,
): SessionScores {
  const windows = firstTokens(calibration, SCORE_TOKENS);
  return {
    "measured-sensitivity": async () => {
      const matrices = weightMatrices(workload);
      const experts = matrices.filter(({ module, part }) => module === "expert" && part === "gate");
      const numbers = referenceLength(workload, windows);
      const reference = new Float32Array(new SharedArrayBuffer(4 * numbers));
      const kinds = experts.map(({ layer, expert }) => onlyExpert(matrices, layer, expert));
      const scores = await evaluate({ windows, pairs: [], reference }, kinds);
      const result: number[][] = Array.from({ length: workload.layers }, () => []);
      experts.forEach(({ layer, expert }, i) => {
        const { kl_sum_nats, predictions } = scores[i]!.text[0]!;
        result[layer]![expert] = kl_sum_nats! / predictions;
      });
      return result;
    },
    "forward-curvature": async () =>
      forwardCurvature({ decoder, weights: weights.matrices, fillNormals }, windows, seed),
  };
}

/** As many windows as hold so many tokens, one at least. */
export function firstTokens(windows: readonly TokenWindow[], tokens: number): TokenWindow[] {
  let left = tokens;
  return windows.filter(({ tokens: own }, i) => {
    left -= own.length;
    return i === 0 || left >= 0;
  });
}

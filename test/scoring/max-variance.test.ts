import { expect, test } from "vitest";
import { weightMatrices } from "../../src/model/matrix.ts";
import { maxVarianceScores } from "../../src/scoring/max-variance.ts";
import { randomWeights, SMALL } from "../transformer/random-model.ts";

test("the variance of the gate neuron with the largest norm", async () => {
  const matrices = weightMatrices(SMALL);
  const { matrices: weights } = randomWeights(SMALL, 3);
  const scores = await maxVarianceScores(
    {
      matrixRows: async (m, begin, end) =>
        weights[m.id]!.subarray(begin * m.inputs, end * m.inputs),
    },
    matrices,
  );
  expect(scores.map((ofLayer) => ofLayer.length)).toEqual([0, 5]);
  for (const m of matrices) {
    if (m.module !== "expert" || m.part !== "gate") continue;
    const rows = Array.from({ length: m.outputs }, (_, r) => [
      ...weights[m.id]!.subarray(r * m.inputs, (r + 1) * m.inputs),
    ]);
    const [longest] = rows.sort((a, b) => Math.hypot(...b) - Math.hypot(...a));
    const mean = longest!.reduce((a, b) => a + b, 0) / m.inputs;
    const variance = longest!.reduce((sum, w) => sum + (w - mean) ** 2, 0) / m.inputs;
    expect(scores[1]![m.expert]).toBeCloseTo(variance, 10);
  }
});

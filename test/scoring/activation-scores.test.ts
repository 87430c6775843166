import { expect, test } from "vitest";
import { activationScores, createActivationTally } from "../../src/scoring/activation-scores.ts";
import { batchOf } from "../../src/transformer/batch.ts";
import { runModel } from "../../src/transformer/model.ts";
import { createWorkspace } from "../../src/transformer/workspace.ts";
import { plainDecoder, randomWeights, randomWindows, SMALL } from "../transformer/random-model.ts";

const decoder = plainDecoder(SMALL, randomWeights(SMALL, 31));
const windows = randomWindows(SMALL, [9, 20, 3], 31);
const scores = activationScores(decoder, windows);

test("frequencies of a layer sum to k; dense layers have none", () => {
  expect(scores.tokens).toBe(32);
  expect(scores["activation-frequency"][0]).toEqual([]);
  const sum = scores["activation-frequency"][1]!.reduce((a, b) => a + b);
  expect(sum).toBeCloseTo(SMALL.moe.active_experts, 12);
});

test("both equal what the router did, counted by hand", () => {
  const batch = batchOf(windows);
  const counts = new Array(5).fill(0);
  const sums = new Array(5).fill(0);
  runModel(decoder, batch, createWorkspace(SMALL, batch.rows, 32), {
    onRouting: (_layer, _rowIds, experts, weights) => {
      experts.forEach((expert, i) => {
        counts[expert] += 1 / 32;
        sums[expert] += weights[i]!;
      });
    },
  });
  counts.forEach((share, e) => {
    expect(scores["activation-frequency"][1]![e]).toBeCloseTo(share, 12);
    expect(scores["activation-weight"][1]![e]).toBeCloseTo(sums[e], 9);
  });
});

test("the weight of an expert is at most the number of its tokens", () => {
  scores["activation-weight"][1]!.forEach((weight, e) => {
    expect(weight).toBeLessThanOrEqual(32 * scores["activation-frequency"][1]![e]!);
  });
});

test("scores without a run are a mistake of the caller", () => {
  expect(() => createActivationTally(SMALL).scores()).toThrow(/no token/);
});

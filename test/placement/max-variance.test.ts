import { expect, test } from "vitest";
import { weightMatrices } from "../../src/model/matrix.ts";
import { strategies } from "../../src/placement/index.ts";
import { SMALL } from "../transformer/random-model.ts";

const matrices = weightMatrices(SMALL);

/** Experts of layer 1 that are digital; layer 0 has none. */
function digitalExperts(
  routerNorms: readonly number[],
  variances: readonly number[],
  fraction: number,
): number[] {
  const targets = strategies["max-variance"].place({
    matrices,
    fraction,
    ranking: "layer",
    scores: { "router-norm": [[], routerNorms], "max-variance": [[], variances] },
    seed: 1,
  });
  const down = matrices.filter(({ module, part }) => module === "expert" && part === "down");
  return down.filter(({ id }) => targets[id] === "digital").map(({ expert }) => expert);
}

test("without large variances, the smallest router norms come first", () => {
  const alike = [1, 1.5, 2, 2.5, 2.9];
  expect(digitalExperts([3, 1, 5, 2, 4], alike, 0.4)).toEqual([1, 3]);
});

test("an expert goes ahead of those whose variance is more than three times smaller", () => {
  // in the order of norms: 1, 3, 0, 4, 2; expert 2 passes all but expert 4, which stops it
  expect(digitalExperts([3, 1, 5, 2, 4], [1, 1, 9, 1, 3.5], 0.2)).toEqual([4]);
  expect(digitalExperts([3, 1, 5, 2, 4], [1, 1, 9, 1, 3.5], 0.4)).toEqual([2, 4]);
  // exactly three times is not more
  expect(digitalExperts([3, 1, 5, 2, 4], [1, 1, 1, 1, 3], 0.2)).toEqual([1]);
  expect(digitalExperts([3, 1, 5, 2, 4], [1, 1, 1, 1, 3.01], 0.2)).toEqual([4]);
});

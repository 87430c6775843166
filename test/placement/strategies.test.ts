import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ALWAYS_DIGITAL, weightMatrices } from "../../src/model/matrix.ts";
import type { Target } from "../../src/model/placement.ts";
import type { Workload } from "../../src/model/workload.ts";
import { strategies } from "../../src/placement/index.ts";
import { countOfShare } from "../../src/placement/protect.ts";
import type { PlacementProblem } from "../../src/placement/strategy.ts";
import { loadJson } from "../workloads/load.ts";

const olmoe = loadJson("workloads/tiny-olmoe.json") as Workload;
const deepseek = loadJson("workloads/tiny-deepseekmoe.json") as Workload;

/** Different scores, so that the order is known: expert e of layer l has (7 e + 3 l) mod 24. */
const scoresOf = ({ layers, dense_layers, moe }: Workload): number[][] =>
  Array.from({ length: layers }, (_, layer) =>
    dense_layers.includes(layer)
      ? []
      : Array.from({ length: moe.experts }, (_, e) => (7 * e + 3 * layer) % moe.experts),
  );

const SCORED = [
  "max-neuron-norm",
  "router-norm",
  "activation-frequency",
  "activation-weight",
] as const;

function problemOf(
  workload: Workload,
  fraction: number,
  more: Partial<PlacementProblem> = {},
): PlacementProblem {
  const scores = scoresOf(workload);
  return {
    matrices: weightMatrices(workload),
    fraction,
    ranking: "layer",
    scores: Object.fromEntries(SCORED.map((name) => [name, scores])),
    seed: 1,
    ...more,
  };
}

/** Experts of a layer all of whose matrices have a target. */
function expertsWith(
  target: Target,
  targets: readonly Target[],
  workload: Workload,
  layer: number,
): number[] {
  const own = weightMatrices(workload).filter((m) => m.module === "expert" && m.layer === layer);
  const other = new Set(own.filter((m) => targets[m.id] !== target).map((m) => m.expert));
  return [...new Set(own.map((m) => m.expert))].filter((e) => !other.has(e));
}

test("a share of experts is the nearest count, ties up", () => {
  // 12.5 % of 64 and of 24 as in the paper; 0.1 x 24 = 2.4; 0.3125 x 8 = 2.5; 0.145 x 100 = 14.5
  expect([countOfShare(0.125, 64), countOfShare(0.125, 24), countOfShare(0.1, 24)]).toEqual([
    8, 3, 2,
  ]);
  expect([countOfShare(0.3125, 8), countOfShare(0.145, 100)]).toEqual([3, 15]);
  expect([countOfShare(0, 60), countOfShare(1, 60)]).toEqual([0, 60]);
});

describe.each([
  ["tiny-olmoe", olmoe],
  ["tiny-deepseekmoe", deepseek],
])("on %s", (_name, workload) => {
  const matrices = weightMatrices(workload);

  test("all-digital, all-analog and dense-digital differ in whole modules", () => {
    const analogModules = (name: "all-digital" | "all-analog" | "dense-digital"): string[] => {
      const targets = strategies[name].place(problemOf(workload, 0));
      const analog = new Set(
        matrices.filter((m) => targets[m.id] === "analog").map((m) => m.module),
      );
      const digital = new Set(
        matrices.filter((m) => targets[m.id] === "digital").map((m) => m.module),
      );
      expect([...analog].filter((module) => digital.has(module))).toEqual([]);
      return [...analog].sort();
    };
    const used = new Set(matrices.map(({ module }) => module));
    expect(analogModules("all-digital")).toEqual([]);
    expect(analogModules("all-analog")).toEqual(
      [...used].filter((module) => !ALWAYS_DIGITAL.includes(module)).sort(),
    );
    expect(analogModules("dense-digital")).toEqual(["expert"]);
  });

  test.each(SCORED)("%s protects the experts with the highest scores of each layer", (name) => {
    const targets = strategies[name].place(problemOf(workload, 0.125));
    scoresOf(workload).forEach((scores, layer) => {
      const highest = scores.map((_, e) => e).filter((e) => scores[e]! >= 21);
      expect(expertsWith("digital", targets, workload, layer)).toEqual(highest);
    });
  });

  test("global ranking protects as many experts, wherever they are", () => {
    const scores = scoresOf(workload).map((ofLayer, layer) => ofLayer.map((s) => s + 100 * layer));
    const problem = problemOf(workload, 0.25, {
      ranking: "global",
      scores: { "router-norm": scores },
    });
    const targets = strategies["router-norm"].place(problem);
    const counts = scores.map(
      (_, layer) => expertsWith("digital", targets, workload, layer).length,
    );
    const experts = scores.flat().length;
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(experts / 4);
    expect(counts.at(-1)).toBe(workload.moe.experts);
    expect(counts.find((n) => n > 0)).toBeDefined();
  });

  test("random depends on the seed and on nothing else", () => {
    const place = (seed: number) => strategies.random.place(problemOf(workload, 0.25, { seed }));
    expect(place(5)).toEqual(place(5));
    expect(place(5)).not.toEqual(place(6));
  });
});

describe.each([...SCORED, "random"] as const)("%s", (name) => {
  test("protects the stated share of each layer, more with a larger share, and splits no expert", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b) => {
          const [less, more] = [Math.min(a, b), Math.max(a, b)].map((fraction) =>
            strategies[name].place(problemOf(olmoe, fraction)),
          );
          for (let layer = 0; layer < olmoe.layers; layer++) {
            const few = expertsWith("digital", less!, olmoe, layer);
            const many = expertsWith("digital", more!, olmoe, layer);
            expect(few.length).toBe(countOfShare(Math.min(a, b), olmoe.moe.experts));
            expect(many).toEqual(expect.arrayContaining(few));
            expect(many.length + expertsWith("analog", more!, olmoe, layer).length).toBe(
              olmoe.moe.experts,
            );
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

test("random protects each expert equally often", () => {
  const hits = new Float64Array(24);
  const draws = 4000;
  for (let seed = 0; seed < draws; seed++) {
    const targets = strategies.random.place(problemOf(olmoe, 0.25, { seed }));
    for (const expert of expertsWith("digital", targets, olmoe, 0)) hits[expert]!++;
  }
  // binomial: 1000 +- 27; five standard deviations
  for (const n of hits)
    expect(Math.abs(n - draws / 4)).toBeLessThan(5 * Math.sqrt(draws * 0.25 * 0.75));
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ALWAYS_DIGITAL, type WeightMatrix, weightMatrices } from "../../src/model/matrix.ts";
import type { Target } from "../../src/model/placement.ts";
import { strategies } from "../../src/placement/index.ts";
import { isDenselyUsed } from "../../src/placement/protect.ts";
import {
  type PlacementProblem,
  type PlacementStrategy,
  SCORE_NAMES,
} from "../../src/placement/strategy.ts";
import { SMALL, uniforms } from "../transformer/random-model.ts";

const workload = { ...SMALL, layers: 3 };
const matrices = weightMatrices(workload);

/** A problem with every score and rises, drawn from a seed. */
function problemOf(seed: number, fraction: number): PlacementProblem {
  const next = uniforms(seed);
  const scores = () =>
    [0, 1, 2].map((layer) => (layer === 0 ? [] : Array.from({ length: 5 }, () => 2 + next())));
  return {
    matrices,
    fraction,
    ranking: "layer",
    scores: Object.fromEntries(SCORE_NAMES.map((name) => [name, scores()])),
    predictedRises_nats: matrices.map((m) =>
      ALWAYS_DIGITAL.includes(m.module) ? 0 : 1.001 + next(),
    ),
    seed,
  };
}

const size = (of: readonly WeightMatrix[]): number =>
  of.reduce((sum, m) => sum + m.inputs * m.outputs, 0);
const digital = (targets: readonly Target[]): WeightMatrix[] =>
  matrices.filter(({ id }) => targets[id] === "digital");
const rise = (
  { predictedRises_nats: rises }: PlacementProblem,
  targets: readonly Target[],
): number => rises!.reduce((sum, own, id) => sum + (targets[id] === "analog" ? own : 0), 0);

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const fractions = fc.double({ min: 0, max: 1, noNaN: true });

describe.each(Object.entries(strategies) as [string, PlacementStrategy][])(
  "%s",
  (_name, strategy) => {
    test("places every matrix, keeps embedding and router digital, and repeats", () => {
      fc.assert(
        fc.property(seeds, fractions, (seed, fraction) => {
          const problem = problemOf(seed, fraction);
          const targets = strategy.place(problem);
          expect(targets.length).toBe(matrices.length);
          expect(strategy.place(problem)).toEqual(targets);
          if (_name === "all-analog") return;
          for (const { id, module } of matrices)
            if (ALWAYS_DIGITAL.includes(module)) expect(targets[id]).toBe("digital");
        }),
        { numRuns: 20 },
      );
    });

    test("more digital is no more loss; everything digital at 1", () => {
      if (!strategy.takesFraction) return;
      fc.assert(
        fc.property(seeds, fractions, fractions, (seed, a, b) => {
          const of = (fraction: number) => strategy.place(problemOf(seed, fraction));
          const [less, more] = [of(Math.min(a, b)), of(Math.max(a, b))];
          expect(rise(problemOf(seed, 0), more)).toBeLessThanOrEqual(
            rise(problemOf(seed, 0), less) + 1e-12,
          );
          expect(of(1)).toEqual(matrices.map(() => "digital"));
        }),
        { numRuns: 20 },
      );
    });
  },
);

const isExpert = ({ module }: WeightMatrix): boolean => module === "expert";
const experts = matrices.filter(isExpert);

describe("strategies that predict the loss", () => {
  test("keep their budgets", () => {
    fc.assert(
      fc.property(seeds, fractions, (seed, fraction) => {
        const problem = problemOf(seed, fraction);
        const free = matrices.filter(({ module }) => !ALWAYS_DIGITAL.includes(module));
        const chosen = digital(strategies.optimal.place(problem));
        const paid = chosen.filter(({ module }) => !ALWAYS_DIGITAL.includes(module));
        expect(size(paid)).toBeLessThanOrEqual(fraction * size(free) * (1 + 1e-9));
        const byMatrix = digital(strategies["fisher-matrices"].place(problem));
        expect(size(byMatrix.filter(isExpert))).toBeLessThanOrEqual(
          fraction * size(experts) * (1 + 1e-9),
        );
        for (const m of matrices.filter(isDenselyUsed)) expect(byMatrix).toContain(m);
      }),
    );
  });

  test("lose no more than any other rule with as many digital weights", () => {
    fc.assert(
      fc.property(seeds, fractions, (seed, fraction) => {
        const problem = problemOf(seed, fraction);
        const free = size(matrices.filter(({ module }) => !ALWAYS_DIGITAL.includes(module)));
        for (const name of ["random", "max-neuron-norm", "fisher-experts"] as const) {
          const targets = strategies[name].place(problem);
          const others = digital(targets);
          const ofExperts = size(others.filter(isExpert)) / size(experts);
          const byMatrix = strategies["fisher-matrices"].place({ ...problem, fraction: ofExperts });
          expect(rise(problem, byMatrix)).toBeLessThanOrEqual(rise(problem, targets) + 1e-9);
          const paid = others.filter(({ module }) => !ALWAYS_DIGITAL.includes(module));
          const best = strategies.optimal.place({ ...problem, fraction: size(paid) / free });
          expect(rise(problem, best)).toBeLessThanOrEqual(rise(problem, byMatrix) + 1e-9);
        }
      }),
    );
  });

  test("say how good the choice is", () => {
    const text = strategies.optimal.explain?.(problemOf(1, 0.3));
    expect(text).toMatch(/^removes \d.* of \d.* nats of predicted loss rise; no choice/);
  });

  test("fisher-experts takes the experts with the largest sums, over the whole model", () => {
    const problem = problemOf(4, 0.3);
    const targets = strategies["fisher-experts"].place(problem);
    const sums = new Map<string, number>();
    for (const m of experts) {
      const key = `${m.layer}:${m.expert}`;
      sums.set(key, (sums.get(key) ?? 0) + problem.predictedRises_nats![m.id]!);
    }
    const ranked = [...sums].sort((a, b) => b[1] - a[1]).map(([key]) => key);
    const chosen = new Set(
      digital(targets)
        .filter(isExpert)
        .map((m) => `${m.layer}:${m.expert}`),
    );
    expect(chosen).toEqual(new Set(ranked.slice(0, 3)));
  });

  test("without predictions they say what is missing", () => {
    const { predictedRises_nats: _left, ...problem } = problemOf(1, 0.5);
    expect(() => strategies.optimal.place(problem)).toThrow("predicted rises");
  });
});

test.each([
  ["attention-digital", "attention"],
  ["head-digital", "lm-head"],
  ["shared-digital", "shared"],
  ["dense-layers-digital", "dense"],
] as const)("%s keeps only that module digital", (name, module) => {
  const modules = new Set(digital(strategies[name].place(problemOf(1, 0))).map((m) => m.module));
  expect(modules).toEqual(new Set([...ALWAYS_DIGITAL, module]));
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Affine, combine, sumAt, variableOf } from "../../src/model/integer-programme.ts";
import { type Budget, excessOf, type Quantities } from "../../src/placement/budget.ts";
import type { BudgetProblem } from "../../src/placement/budget-problem.ts";
import { loadSolver } from "../../src/placement/integer-programme.ts";
import { chooseWithinBudgets } from "../../src/placement/within-budgets.ts";
import { uniforms } from "../transformer/random-model.ts";

const solve = await loadSolver();

/** Small enough to try every placement. */
const MATRICES = 7;

/** What is really so: quantities of the estimate times factors that depend on the placement. */
type Distortion = (isAnalog: ArrayLike<number>) => number;
const none: Distortion = () => 1;
const some: Distortion = (isAnalog) => 1.1 + 0.05 * isAnalog[0]! - 0.03 * isAnalog[3]!;

/** Energy adds up; time is the longer of two sums; weights are digital. */
function problemOf(seed: number, budgets: readonly Budget[], distortion = none): BudgetProblem {
  const next = uniforms(seed);
  const draw = (): number => 1 + Math.round(9 * next());
  const sumOf = (constant: number, sign: number): Affine =>
    combine([
      [1, { constant, terms: new Map() }],
      ...Array.from({ length: MATRICES }, (_, id) => [sign * draw(), variableOf(id)] as const),
    ]);
  const energy_pJ = sumOf(100, -1);
  const weights = sumOf(70, -1);
  const ways = [sumOf(70, -1), sumOf(5, 1)];
  const time = variableOf(MATRICES);
  const estimate = (isAnalog: ArrayLike<number>): Quantities => ({
    energy_pJ: sumAt(energy_pJ, isAnalog),
    weights: sumAt(weights, isAnalog),
    time_ns: Math.max(...ways.map((way) => sumAt(way, isAnalog))),
  });
  const fieldsOf = (quantities: Quantities) => ({ ...quantities });
  const variable = (most: number, isWhole: boolean) => ({ least: 0, most, isWhole });
  return {
    rises_nats: Array.from({ length: MATRICES }, () => next() - 0.1),
    budgets,
    programme: {
      variables: [
        ...Array.from({ length: MATRICES }, () => variable(1, true)),
        variable(1000, false),
      ],
      rows: ways.map((way) =>
        combine([
          [1, time],
          [-1, way],
        ]),
      ),
      quantities: { energy_pJ, weights, time_ns: time },
      floored: ["time_ns"],
    },
    fieldsOf,
    meter: (start) => {
      const isAnalog = start.slice();
      return {
        flip: (id) => {
          isAnalog[id] = 1 - isAnalog[id]!;
        },
        quantities: () => estimate(isAnalog),
        fits: () => true,
      };
    },
    evaluate: (isAnalog) => {
      const quantities = { ...estimate(isAnalog) } as Record<string, number>;
      for (const name of ["energy_pJ", "time_ns"]) quantities[name]! *= distortion(isAnalog);
      return { quantities, fields: fieldsOf(quantities) };
    },
  };
}

const budget = (
  text: string,
  limit: number,
  evaluate: (q: Readonly<Record<string, number | null>>) => number,
): Budget => ({ text, sense: text.includes(">=") ? ">=" : "<=", limit, evaluate });

const energyWithin = (limit: number) =>
  budget(`energy_pJ<=${limit}`, limit, (q) => q["energy_pJ"]!);
const timeWithin = (limit: number) => budget(`time_ns<=${limit}`, limit, (q) => q["time_ns"]!);
const rateAbove = (limit: number) => budget(`rate>=${limit}`, limit, (q) => 1e3 / q["time_ns"]!);
const productWithin = (limit: number) =>
  budget(`energy_pJ*time_ns<=${limit}`, limit, (q) => q["energy_pJ"]! * q["time_ns"]!);
const largestWithin = (limit: number) =>
  budget(`max(energy_pJ, 2*time_ns)<=${limit}`, limit, (q) =>
    Math.max(q["energy_pJ"]!, 2 * q["time_ns"]!),
  );

const placements = Array.from({ length: 2 ** MATRICES }, (_, n) =>
  Uint8Array.from({ length: MATRICES }, (_, id) => (n >> id) & 1),
);
const removedBy = ({ rises_nats }: BudgetProblem, isAnalog: Uint8Array): number =>
  rises_nats.reduce((sum, rise, id) => sum + rise * (1 - isAnalog[id]!), 0);

const really = (problem: BudgetProblem, isAnalog: Uint8Array) => {
  const evaluated = problem.evaluate(isAnalog);
  if (typeof evaluated === "string") throw new Error(evaluated);
  return evaluated.fields;
};
const isKept = (problem: BudgetProblem, isAnalog: Uint8Array): boolean =>
  problem.budgets.every((own) => excessOf(own, really(problem, isAnalog)) <= 0);

/** Most that any placement within the budgets removes; null: none is within. */
function bestOfAll(problem: BudgetProblem): number | null {
  const within = placements.filter((own) => isKept(problem, own));
  return within.length === 0 ? null : Math.max(...within.map((own) => removedBy(problem, own)));
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 });
const linear = fc.oneof(
  fc.integer({ min: 40, max: 100 }).map(energyWithin),
  fc.integer({ min: 15, max: 80 }).map(timeWithin),
  fc.integer({ min: 15, max: 60 }).map(rateAbove),
);
const curved = fc.oneof(
  fc.integer({ min: 800, max: 7000 }).map(productWithin),
  fc.integer({ min: 50, max: 140 }).map(largestWithin),
);

describe("a choice within budgets", () => {
  test("is the best of all where the estimate is right, and says what is reachable where none is", () => {
    fc.assert(
      fc.property(seeds, fc.array(linear, { minLength: 1, maxLength: 2 }), (seed, budgets) => {
        const problem = problemOf(seed, budgets);
        const best = bestOfAll(problem);
        const choice = chooseWithinBudgets(problem, solve);
        expect("isAnalog" in choice).toBe(best !== null);
        if (!("isAnalog" in choice)) {
          const { budget: own, reachable, kept } = choice;
          const beside = { ...problem, budgets: budgets.filter(({ text }) => kept.includes(text)) };
          const values = placements
            .filter((p) => isKept(beside, p))
            .map((p) => own.evaluate(really(problem, p))!);
          const nearest = own.sense === "<=" ? Math.min(...values) : Math.max(...values);
          expect(reachable).toBeCloseTo(nearest, 9);
          return;
        }
        expect(isKept(problem, choice.isAnalog)).toBe(true);
        expect(choice.removed_nats).toBeCloseTo(removedBy(problem, choice.isAnalog), 12);
        expect(Math.abs(choice.removed_nats - best!)).toBeLessThanOrEqual(1e-3 * Math.abs(best!));
        expect(choice.bound_nats).toBeGreaterThanOrEqual(best! - 1e-9);
        expect(choice.isEstimated).toBe(false);
        expect(choice.unbounded).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test("keeps budgets that no linear programme has, and removes most of what can be", () => {
    let [removed, possible] = [0, 0];
    fc.assert(
      fc.property(seeds, curved, (seed, own) => {
        const problem = problemOf(seed, [own]);
        const best = bestOfAll(problem);
        const choice = chooseWithinBudgets(problem, solve);
        if (best === null) expect("isAnalog" in choice).toBe(false);
        if (best === null || !("isAnalog" in choice)) return;
        expect(isKept(problem, choice.isAnalog)).toBe(true);
        expect(choice.bound_nats).toBeGreaterThanOrEqual(best - 1e-9);
        expect(choice.unbounded).toEqual([own.text]);
        removed += choice.removed_nats;
        possible += best;
      }),
      { numRuns: 60, seed: 5 },
    );
    expect(removed / possible).toBeGreaterThan(0.95);
  });

  test("keeps budgets as they really are, not as they are estimated", () => {
    let [removed, possible, found, all] = [0, 0, 0, 0];
    fc.assert(
      fc.property(seeds, fc.oneof(linear, curved), (seed, own) => {
        const problem = problemOf(seed, [own], some);
        const best = bestOfAll(problem);
        const choice = chooseWithinBudgets(problem, solve);
        if (best === null) expect("isAnalog" in choice).toBe(false);
        all += best === null ? 0 : 1;
        if (best === null || !("isAnalog" in choice)) return;
        expect(isKept(problem, choice.isAnalog)).toBe(true);
        expect(choice.values).toEqual([own.evaluate(really(problem, choice.isAnalog))]);
        expect(choice.isEstimated).toBe(true);
        removed += choice.removed_nats;
        possible += best;
        found++;
      }),
      { numRuns: 60, seed: 5 },
    );
    expect(removed / possible).toBeGreaterThan(0.95);
    expect(found / all).toBeGreaterThan(0.95);
  });

  test("with more to spend is never worse", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 60, max: 90 }), fc.nat(20), (seed, limit, more) => {
        const [tight, loose] = [limit, limit + more].map((own) =>
          chooseWithinBudgets(problemOf(seed, [energyWithin(own)]), solve),
        );
        if (!("isAnalog" in tight!)) return;
        if (!("isAnalog" in loose!)) throw new Error("a looser budget cannot be kept");
        const least = tight.removed_nats - 1e-3 * Math.abs(tight.removed_nats);
        expect(loose.removed_nats).toBeGreaterThanOrEqual(least);
      }),
      { numRuns: 30 },
    );
  });

  test("a search that ends without an answer is said, and proves no bound", () => {
    const problem = problemOf(4, [energyWithin(85)]);
    const silent = () => ({ isFeasible: false, isProven: false }) as const;
    const none = chooseWithinBudgets(problem, silent);
    expect("reason" in none && none.reason).toMatch(/found within 2000 nodes/);
    let calls = 0;
    const counted = chooseWithinBudgets(problem, (programme) => {
      calls++;
      return solve(programme);
    });
    const unproven = chooseWithinBudgets(problem, (programme) =>
      --calls === 0 ? silent() : solve(programme),
    );
    if (!("isAnalog" in counted && "isAnalog" in unproven)) throw new Error("no choice");
    expect(counted.bound_nats).toBeLessThan(counted.all_nats);
    expect(unproven).toEqual({ ...counted, bound_nats: counted.all_nats });
  });
});

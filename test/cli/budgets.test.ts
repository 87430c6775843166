import { describe, expect, test } from "vitest";
import { readBudgets } from "../../src/cli/budgets.ts";
import { readPlacement } from "../../src/cli/placements.ts";
import { type BudgetDesign, placeWithinBudgets } from "../../src/cli/within-budgets.ts";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import { digitalShares } from "../../src/evaluate/shares.ts";
import { createTableEvaluator } from "../../src/evaluate/table-evaluation.ts";
import { createTableModel } from "../../src/evaluate/table-model.ts";
import { InputError } from "../../src/model/issue.ts";
import { ALWAYS_DIGITAL, weightMatrices } from "../../src/model/matrix.ts";
import type { Target } from "../../src/model/placement.ts";
import type { Level } from "../../src/model/run.ts";
import { strategies } from "../../src/placement/index.ts";
import { loadSolver } from "../../src/placement/integer-programme.ts";
import { loadArch, loadWorkload, OPTIONS } from "../evaluate/load.ts";
import { uniforms } from "../transformer/random-model.ts";

const workload = { ...loadWorkload("tiny-olmoe"), layers: 2 };
const matrices = weightMatrices(workload);
const arch = loadArch("hetero-pcm");
const solve = await loadSolver();

const next = uniforms(7);
const rises = matrices.map(({ module }) => (ALWAYS_DIGITAL.includes(module) ? 0 : next() ** 2));
const riseOf = (targets: readonly Target[]): number =>
  rises.reduce((sum, rise, id) => sum + (targets[id] === "analog" ? rise : 0), 0);

function designAt(level: Level): BudgetDesign {
  const options = { ...OPTIONS, level };
  const table = createTableModel(workload, options);
  const byTable = createTableEvaluator(workload, options, table);
  return {
    arch,
    table: table.chip(arch),
    decode_steps: options.decode_tokens,
    evaluate: (placement) =>
      level === "table"
        ? byTable(arch, placement)
        : evaluateCost(arch, workload, placement, options),
    solve,
  };
}

const within = (text: string, level: Level) =>
  placeWithinBudgets(text, readBudgets(text), rises, designAt(level));

/** The message of what is refused. */
function refusal(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("budgets on the command line", () => {
  test.each([
    ["optimal:energy_pJ_per_tokn<=1", "did you mean energy_pJ_per_token?"],
    ["optimal:energy_pJ_per_tokn<=1", "tokens_per_J"],
    ["optimal:perplexity<=3", "accuracy is what it is spent on"],
    ["optimal:area_mm2<3", "EXPRESSION<=NUMBER"],
    ["optimal:area_mm2<=3 and power_mW<=4", "joined by &"],
    ["optimal:area_mm2<=lots", "a number on the right side"],
    ["optimal:area_mm2<=", "EXPRESSION<=NUMBER"],
    ["optimal:import(1)<=3", "import()"],
    ["optimal:area", "or budgets: optimal:'"],
    ["random:area_mm2<=3", "from 0 to 1"],
  ])("%s is refused with a hint", (text, hint) => {
    expect(refusal(() => readPlacement(text, workload))).toContain(hint);
  });

  test("all that is wrong is said at once", () => {
    const message = refusal(() => readBudgets("optimal:perplexity<=3 & area_mm2=4"));
    expect(message).toContain("perplexity");
    expect(message).toContain("area_mm2=4");
  });

  test("are expressions of fields, and may have a slash, a colon or arithmetic", () => {
    const [ratio, either] = readBudgets(
      "optimal:energy_pJ_per_token / area_mm2 <= 2*3 & (area_mm2 > 2 ? power_mW : 1) >= -1e3",
    );
    const fields = { energy_pJ_per_token: 8, area_mm2: 4, power_mW: 5 };
    expect([ratio!.limit, ratio!.evaluate(fields), ratio!.sense]).toEqual([6, 2, "<="]);
    expect([either!.limit, either!.evaluate(fields), either!.sense]).toEqual([-1000, 5, ">="]);
    expect(ratio!.evaluate({ ...fields, area_mm2: null })).toBeNull();
    expect(readPlacement("optimal:a/area_mm2<=1".replace("a/", "1/"), workload).kind).toBe(
      "budgets",
    );
  });
});

describe("a placement within budgets of a chip", () => {
  test("of a share is as good as the knapsack's", () => {
    const problem = { matrices, ranking: "layer", scores: {}, seed: 1 } as const;
    for (const fraction of [0.1, 0.37, 0.8]) {
      const targets = strategies.optimal.place({
        ...problem,
        fraction,
        predictedRises_nats: rises,
      });
      const { placement } = within(`optimal:digital_parameters_frac<=${fraction}`, "table");
      expect(digitalShares(matrices, placement).parameters_frac).toBeLessThanOrEqual(fraction);
      const [best, own] = [riseOf(targets), riseOf(placement.targets)];
      expect(Math.abs(own - best)).toBeLessThanOrEqual(1e-3 * best);
    }
  });

  test("keeps energy, latency and area as a simulation has them, and says its bound", () => {
    const { decode, prefill } = evaluateCost(
      arch,
      workload,
      within("optimal:digital_parameters_frac<=0.3", "table").placement,
      OPTIONS,
    );
    const energy_pJ = Math.round(decode!.energy_pJ / decode!.tokens);
    const latency_ns = Math.round(1.02 * prefill!.latency_ns);
    const text = `optimal:energy_pJ_per_token<=${energy_pJ} & prefill_latency_ns<=${latency_ns}`;
    const { placement, explained } = within(text, "simulate");
    const cost = evaluateCost(arch, workload, placement, OPTIONS);
    expect(cost.decode!.energy_pJ / cost.decode!.tokens).toBeLessThanOrEqual(energy_pJ);
    expect(cost.prefill!.latency_ns).toBeLessThanOrEqual(latency_ns);
    expect(explained).toMatch(/no choice removes more.*by the table's estimate/);
  });

  test("that cannot be kept names the least that can, and that can be kept", () => {
    const message = refusal(() => within("optimal:energy_pJ_per_token<=1", "simulate"));
    const hint = /hint: (\S+) can be kept/.exec(message)?.[1];
    expect(message).toContain("the least that was reached of energy_pJ_per_token is");
    expect(() => within(`optimal:${hint}`, "simulate")).not.toThrow();
    expect(refusal(() => within("optimal:area_mm2<=1", "table"))).toContain("area_mm2");
  });
});

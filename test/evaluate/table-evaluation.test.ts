import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import { createTableEvaluator } from "../../src/evaluate/table-evaluation.ts";
import type { CostEvaluation, PhaseCost } from "../../src/model/evaluation.ts";
import type { Placement } from "../../src/model/placement.ts";
import type { CostOptions } from "../../src/model/run.ts";
import type { Workload } from "../../src/model/workload.ts";
import { allAnalog, loadArch, loadWorkload, OPTIONS, placementOf } from "./load.ts";

const arch = loadArch("hetero-pcm");
const workloads: readonly Workload[] = [
  { ...loadWorkload("tiny-olmoe"), layers: 2 },
  { ...loadWorkload("tiny-deepseekmoe"), layers: 2 },
];

/** Target of each matrix, or of each whole expert, by a coin. */
const tossed = (workload: Workload, seed: number, byExpert: boolean): Placement =>
  placementOf(workload, ({ id, layer, expert }) => {
    const key = byExpert && expert >= 0 ? 1000 * layer + expert : id;
    return ((key * 2654435761 + seed * 40503) >>> 7) % 2 === 0 ? "digital" : "analog";
  });

const anyRun = fc.record({
  workload: fc.constantFrom(...workloads),
  seed: fc.nat(1000),
  byExpert: fc.boolean(),
  batch: fc.integer({ min: 1, max: 3 }),
  prefill_tokens: fc.integer({ min: 0, max: 5 }),
  decode_tokens: fc.integer({ min: 1, max: 4 }),
});

const at = (level: CostOptions["level"], options: CostOptions): CostOptions => ({
  ...options,
  level,
});

const interconnect_pJ = ({ breakdown }: CostEvaluation, phase: string): number =>
  breakdown
    .filter((row) => row.phase === phase && row.component === "interconnect")
    .reduce((sum, row) => sum + (row.action === "static" ? 0 : row.energy_pJ), 0);

describe("level table", () => {
  test("any placement: table <= bounds <= simulate, the same dynamic energy and area", () => {
    fc.assert(
      fc.property(anyRun, ({ workload, seed, byExpert, ...run }) => {
        const options = { ...OPTIONS, ...run, seed };
        const placement = tossed(workload, seed, byExpert);
        const [table, bounds, simulated] = (["table", "bounds", "simulate"] as const).map((level) =>
          evaluateCost(arch, workload, placement, at(level, options)),
        ) as [CostEvaluation, CostEvaluation, CostEvaluation];
        expect(table.area_mm2).toBe(simulated.area_mm2);
        expect(table.area_occupied_mm2).toBe(simulated.area_occupied_mm2);
        const dynamic = ({ breakdown }: CostEvaluation) =>
          breakdown.filter(({ action }) => action !== "static");
        expect(dynamic(table)).toEqual(dynamic(simulated));
        for (const phase of ["prefill", "decode"] as const) {
          if (simulated[phase] === null) continue;
          const [low, middle, exact] = [table, bounds, simulated].map((e) => e[phase]!) as [
            PhaseCost,
            PhaseCost,
            PhaseCost,
          ];
          expect(low.latency_ns).toBeLessThanOrEqual(middle.latency_ns * (1 + 1e-12));
          expect(middle.latency_ns).toBeLessThanOrEqual(exact.latency_ns * (1 + 1e-12));
        }
      }),
      { numRuns: 40 },
    );
  });

  test("one token of tiny-olmoe: the bound is within 40 % of the schedule", () => {
    const [workload] = workloads as [Workload];
    const options = { ...OPTIONS, prefill_tokens: 0, decode_tokens: 3 };
    const run = (level: CostOptions["level"]) =>
      evaluateCost(arch, workload, allAnalog(workload), at(level, options)).decode!.latency_ns;
    expect(run("table") / run("simulate")).toBeGreaterThan(0.6);
  });
});

describe("the evaluator for many chips", () => {
  test("says what level table says, but for the energy of the interconnect", () => {
    fc.assert(
      fc.property(anyRun, ({ workload, seed, byExpert, ...run }) => {
        const options = { ...OPTIONS, ...run, seed, level: "table" as const };
        const placement = tossed(workload, seed, byExpert);
        const quick = createTableEvaluator(workload, options)(arch, placement);
        const exact = evaluateCost(arch, workload, placement, options);
        expect(quick.feasible).toBe(exact.feasible);
        for (const field of [
          "digital_parameters_frac",
          "digital_experts_frac",
          "tiles_used",
          "tiles_available",
          "crossbars_used",
          "crossbars_available",
        ] as const)
          expect(quick[field], field).toBe(exact[field]);
        for (const field of ["area_mm2", "area_occupied_mm2", "cell_utilisation_frac"] as const)
          expect(quick[field], field).toBeCloseTo(exact[field], 9);
        for (const phase of ["prefill", "decode"] as const) {
          const [own, other] = [quick[phase], exact[phase]];
          expect(own === null).toBe(other === null);
          if (own === null || other === null) continue;
          expect(own.tokens).toBe(other.tokens);
          expect(own.latency_ns).toBeLessThanOrEqual(other.latency_ns + 1e-3);
          const power_mW = exact.components.reduce((sum, c) => sum + c.static_mW, 0);
          const dynamic = (cost: PhaseCost) => cost.energy_pJ - power_mW * cost.duration_ns;
          const difference_pJ = Math.abs(dynamic(own) - dynamic(other));
          expect(difference_pJ).toBeLessThanOrEqual(
            interconnect_pJ(exact, phase) + 1e-6 * other.energy_pJ,
          );
        }
      }),
      { numRuns: 25 },
    );
  });

  test("goes the slow way where a table cannot say", () => {
    const [workload] = workloads as [Workload];
    const small = { ...arch, tiles: arch.tiles.map((tile) => ({ ...tile, count: 1 })) };
    const options = { ...OPTIONS, level: "table" as const, overflow: "digital" as const };
    const few = {
      ...small,
      tiles: small.tiles.map((t) => ({ ...t, crossbar: { ...t.crossbar, tiers: 24 } })),
    };
    const quick = createTableEvaluator(workload, options)(few, allAnalog(workload));
    expect(quick).toEqual(evaluateCost(few, workload, allAnalog(workload), options));
    expect(quick.notes.join()).toContain("found no crossbar");
  });
});

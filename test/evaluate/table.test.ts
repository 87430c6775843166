import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import {
  changeTargets,
  createTable,
  evaluateTable,
  type TableSums,
} from "../../src/evaluate/table.ts";
import type { CostTable } from "../../src/evaluate/table-model.ts";
import { pointOf } from "../../src/evaluate/table-point.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import type { Placement } from "../../src/model/placement.ts";
import type { CostOptions } from "../../src/model/run.ts";
import type { Workload } from "../../src/model/workload.ts";
import { loadArch, loadWorkload, OPTIONS, placementOf } from "./load.ts";

const arch = loadArch("hetero-pcm");
const workloads: readonly Workload[] = [
  { ...loadWorkload("tiny-olmoe"), layers: 2 },
  { ...loadWorkload("tiny-deepseekmoe"), layers: 2 },
  { ...loadWorkload("deepseek-v2-lite"), layers: 2 },
];

const tableFor = (workload: Workload, options: CostOptions): CostTable => {
  const table = createTable(arch, workload, options);
  if (!table.feasible) throw new Error(table.reason);
  return table;
};

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
  prefill_tokens: fc.integer({ min: 0, max: 4 }),
  decode_tokens: fc.integer({ min: 1, max: 2 }),
});

const energies = (
  table: CostTable,
  { sums }: TableSums,
  phase: number,
): Readonly<Record<string, number>> =>
  Object.fromEntries(table.columns.components.map((component, c) => [component, sums[phase]![c]!]));

describe("a table", () => {
  test("has the dynamic energy of a simulation, component by component, and bounds its time", () => {
    fc.assert(
      fc.property(anyRun, ({ workload, seed, byExpert, ...run }) => {
        const options = { ...OPTIONS, ...run, seed };
        const placement = tossed(workload, seed, byExpert);
        const table = tableFor(workload, options);
        const sums = evaluateTable(table, placement);
        const point = pointOf(table, sums);
        const simulated = evaluateCost(arch, workload, placement, options);
        expect(point.crossbars_used).toBe(simulated.crossbars_used);
        table.phases.forEach(({ phase }, p) => {
          const expected = new Map<string, number>();
          for (const row of simulated.breakdown)
            if (row.phase === phase && row.action !== "static")
              expected.set(row.component, (expected.get(row.component) ?? 0) + row.energy_pJ);
          const own = energies(table, sums, p);
          for (const [component, energy_pJ] of expected)
            if (component !== "interconnect" && energy_pJ > 0)
              expect(own[component]! / energy_pJ).toBeCloseTo(1, 9);
          const { duration_ns } = simulated[phase]!;
          expect(point.phases[p]!.duration_lower_ns).toBeLessThanOrEqual(duration_ns * (1 + 1e-12));
        });
      }),
      { numRuns: 25 },
    );
  });

  test("changed matrix by matrix is the table summed up anew", () => {
    fc.assert(
      fc.property(anyRun, fc.nat(1000), ({ workload, seed, byExpert, ...run }, other) => {
        const table = tableFor(workload, { ...OPTIONS, ...run, seed });
        const to = tossed(workload, other, byExpert);
        const sums = evaluateTable(table, tossed(workload, seed, byExpert));
        weightMatrices(workload).forEach(({ id }) => {
          changeTargets(table, sums, [id], to.targets[id]!);
        });
        const anew = evaluateTable(table, to);
        expect(sums.isAnalog).toEqual(anew.isAnalog);
        expect(sums.crossbars).toEqual(anew.crossbars);
        sums.sums.forEach((sum, phase) => {
          sum.forEach((value, c) => {
            const expected = anew.sums[phase]![c]!;
            expect(Math.abs(value - expected)).toBeLessThanOrEqual(
              1e-9 * Math.abs(expected) + 1e-3,
            );
          });
        });
      }),
      { numRuns: 10 },
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import { createTable, evaluateTable } from "../../src/evaluate/table.ts";
import { createTableEvaluator } from "../../src/evaluate/table-evaluation.ts";
import type { CostTable } from "../../src/evaluate/table-model.ts";
import { pointOf } from "../../src/evaluate/table-point.ts";
import { programmeOf } from "../../src/evaluate/table-programme.ts";
import {
  designFigures,
  fieldsOf,
  QUANTITIES,
  quantitiesAt,
  quantitiesOf,
} from "../../src/evaluate/table-quantities.ts";
import { sumAt } from "../../src/model/integer-programme.ts";
import type { Placement } from "../../src/model/placement.ts";
import type { CostOptions } from "../../src/model/run.ts";
import type { Workload } from "../../src/model/workload.ts";
import { loadSolver } from "../../src/placement/integer-programme.ts";
import { reportRow } from "../../src/report/build.ts";
import { loadArch, loadWorkload, OPTIONS, placementOf } from "./load.ts";

const archs = ["hetero-pcm", "pcm-3d"].map(loadArch);
const workloads: readonly Workload[] = [
  { ...loadWorkload("tiny-olmoe"), layers: 2 },
  { ...loadWorkload("tiny-deepseekmoe"), layers: 2 },
  { ...loadWorkload("deepseek-v2-lite"), layers: 2 },
];

const tossed = (workload: Workload, seed: number, byExpert: boolean): Placement =>
  placementOf(workload, ({ id, layer, expert }) => {
    const key = byExpert && expert >= 0 ? 1000 * layer + expert : id;
    return ((key * 2654435761 + seed * 40503) >>> 7) % 2 === 0 ? "digital" : "analog";
  });

const anyRun = fc.record({
  arch: fc.constantFrom(...archs),
  workload: fc.constantFrom(...workloads),
  seed: fc.nat(1000),
  byExpert: fc.boolean(),
  batch: fc.integer({ min: 1, max: 3 }),
  prefill_tokens: fc.integer({ min: 1, max: 4 }),
  decode_tokens: fc.integer({ min: 1, max: 3 }),
});

const tableFor = (arch: (typeof archs)[number], workload: Workload, options: CostOptions) => {
  const table = createTable(arch, workload, options);
  if (!table.feasible) throw new Error(table.reason);
  return table;
};

const isClose = (a: number, b: number): void =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-6 * Math.abs(b) + 1e-6);

const solver = await loadSolver();

/** Every quantity when the matrices are where the placement says, made as small as it can be. */
function smallest(table: CostTable, { targets }: Placement) {
  const { variables, rows, quantities } = programmeOf(table);
  const fixed = variables.map((variable, id) => {
    if (id >= targets.length) return variable;
    const value = targets[id] === "analog" ? 1 : 0;
    return { ...variable, least: value, most: value };
  });
  return (name: (typeof QUANTITIES)[number]): number | null => {
    const result = solver({ variables: fixed, rows, objective: quantities[name] });
    return result.isFeasible ? sumAt(quantities[name], result.values) : null;
  };
}

describe("a table as an integer programme", () => {
  test("gives every quantity of every placement that fits, and refuses the others", () => {
    fc.assert(
      fc.property(anyRun, ({ arch, workload, seed, byExpert, ...run }) => {
        const table = tableFor(arch, workload, { ...OPTIONS, ...run, seed });
        const placement = tossed(workload, seed, byExpert);
        const sums = evaluateTable(table, placement);
        const expected = quantitiesAt(table, sums);
        const of = smallest(table, placement);
        const { fits } = pointOf(table, sums);
        for (const name of QUANTITIES) {
          const value = of(name);
          expect(value !== null).toBe(fits);
          if (value !== null) isClose(value, expected[name]);
        }
      }),
      { numRuns: 12 },
    );
  });

  test("fields of quantities are those of the report, at every level", () => {
    fc.assert(
      fc.property(anyRun, ({ arch, workload, seed, byExpert, ...run }) => {
        const options = { ...OPTIONS, ...run, seed };
        const table = tableFor(arch, workload, options);
        const placement = tossed(workload, seed, byExpert);
        const figures = designFigures(table, arch, run.decode_tokens);
        const byTable = createTableEvaluator(workload, { ...options, level: "table" });
        const rowOf = (cost: ReturnType<typeof byTable>) =>
          reportRow({
            name: "test",
            cost,
            shares: cost,
            accuracy: null,
            pairs: null,
            accuracyNote: null,
          }) as unknown as Record<string, number | null>;
        const pairs = [
          [byTable(arch, placement), quantitiesAt(table, evaluateTable(table, placement))] as const,
          ...[evaluateCost(arch, workload, placement, options)].map(
            (cost) => [cost, quantitiesOf(cost, figures)] as const,
          ),
        ];
        for (const [cost, quantities] of pairs) {
          if (!cost.feasible) continue;
          const row = rowOf(cost);
          for (const [name, value] of Object.entries(fieldsOf(figures, quantities))) {
            if (value === null || row[name] === null) expect(row[name] ?? null).toBe(value);
            else isClose(value, row[name]!);
          }
        }
      }),
      { numRuns: 12 },
    );
  });
});

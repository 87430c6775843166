import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTable, evaluateTable } from "../../src/evaluate/table.ts";
import { type CostTable, createTableModel, type NoTable } from "../../src/evaluate/table-model.ts";
import { pointOf } from "../../src/evaluate/table-point.ts";
import type { Arch } from "../../src/model/arch.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import type { Workload } from "../../src/model/workload.ts";
import { loadArch, loadWorkload, OPTIONS, placementOf } from "./load.ts";

const workloads: readonly Workload[] = [
  { ...loadWorkload("tiny-olmoe"), layers: 2 },
  { ...loadWorkload("tiny-deepseekmoe"), layers: 2 },
];
const archs = ["hetero-pcm", "hetero-pcm-reduction", "a100-pcm-3d"].map(loadArch);
const run = { ...OPTIONS, batch: 2, prefill_tokens: 3, decode_tokens: 2 };

/** Paths of all numbers of a value, sources of random choice. */
function numbersOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value === "number") return [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, [...path, key]));
}

/** The chip with one number changed. */
function changed(arch: Arch, path: readonly string[], change: (value: number) => number): Arch {
  const copy = structuredClone(arch) as unknown as Record<string, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  const key = path[path.length - 1]!;
  at[key] = change(at[key] as number);
  return copy as unknown as Arch;
}

/** Everything that a table says of half the matrices in analog. */
function said(table: CostTable | NoTable, workload: Workload): unknown {
  if (!table.feasible) return table.reason;
  const placement = placementOf(workload, ({ id }) => (id % 3 === 0 ? "digital" : "analog"));
  const sums = evaluateTable(table, placement);
  return { point: pointOf(table, sums), columns: table.columns, sums: sums.sums };
}

/** Changed, what may no longer be a chip: more hubs than nodes, fewer nodes than tiles need. */
const attempt = (make: () => unknown): unknown => {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? "fails" : error;
  }
};

describe("a table model", () => {
  test.each(archs)(
    "$name: repriced is as made anew, whatever number of the chip changes",
    (arch) => {
      const [workload] = workloads as [Workload];
      const model = createTableModel(workload, run);
      for (const path of numbersOf(arch)) {
        const chip = changed(arch, path, (value) => 2 * value);
        const again = attempt(() => said(model.chip(chip), workload));
        const anew = attempt(() => said(createTable(chip, workload, run), workload));
        expect(again, path.join("/")).toEqual(anew);
      }
    },
  );

  test("a point is the same whatever chips were asked for before", () => {
    const [workload] = workloads as [Workload];
    const model = createTableModel(workload, run);
    const anyChip = fc.constantFrom(...archs);
    fc.assert(
      fc.property(fc.array(anyChip, { minLength: 1, maxLength: 5 }), (chips) => {
        for (const chip of chips)
          expect(said(model.chip(chip), workload)).toEqual(
            said(createTable(chip, workload, run), workload),
          );
      }),
      { numRuns: 10 },
    );
  });

  test("lists the matrices in the order of targets", () => {
    const [workload] = workloads as [Workload];
    expect(createTableModel(workload, run).matrices).toEqual(weightMatrices(workload));
  });
});

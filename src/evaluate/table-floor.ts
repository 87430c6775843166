import type { Fits } from "../mapping/map.ts";
import type { Arch } from "../model/arch.ts";
import type { CostOptions } from "../model/run.ts";
import type { Workload } from "../model/workload.ts";
import { evaluateTable } from "./table.ts";
import { createTableModel, type PhaseTable } from "./table-model.ts";
import { pointOf } from "./table-point.ts";

/**
 * What each phase takes at the least, by the table; 0 where a table cannot say: with capacity
 * limits, on another kind of tile than the first, and with experts that take turns or have copies.
 */
export function tableFloors_ps(
  arch: Arch,
  workload: Workload,
  { mapping, placement }: Fits,
  options: CostOptions,
): (phase: PhaseTable["phase"]) => number {
  const isOfFirstKind = mapping.tileKind.every((kind) => kind <= 0);
  const isPlain = mapping.slots === null && mapping.copies === undefined;
  if (!isOfFirstKind || !isPlain || options.capacity_factor !== undefined) return () => 0;
  const table = createTableModel(workload, options).chip(arch);
  if (!table.feasible) return () => 0;
  const { phases } = pointOf(table, evaluateTable(table, placement));
  const floors_ps = new Map(
    phases.map(({ phase, duration_lower_ns }) => [phase, Math.floor(duration_lower_ns * 1000)]),
  );
  return (phase) => floors_ps.get(phase) ?? 0;
}

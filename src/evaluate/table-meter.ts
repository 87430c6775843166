import { changeTargets, sumTable } from "./table.ts";
import type { CostTable } from "./table-model.ts";
import { pointOf } from "./table-point.ts";
import { type Quantities, quantitiesAt } from "./table-quantities.ts";

/** One placement as it is changed matrix by matrix, by the table. */
export interface TableMeter {
  readonly flip: (id: number) => void;
  readonly quantities: () => Quantities;
  readonly fits: () => boolean;
}

/** @param isAnalog 1: analog; not changed [matrices] */
export function createTableMeter(table: CostTable, isAnalog: Uint8Array): TableMeter {
  const sums = sumTable(table, isAnalog.slice());
  return {
    flip: (id) => changeTargets(table, sums, [id], sums.isAnalog[id] === 1 ? "digital" : "analog"),
    quantities: () => quantitiesAt(table, sums),
    fits: () => pointOf(table, sums).fits,
  };
}

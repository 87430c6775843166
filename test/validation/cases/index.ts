import type { ValidationRow } from "../row.ts";
import { hermesRows } from "./hermes.ts";
import { isaacRows } from "./isaac.ts";
import { olmoeHybridRows } from "./olmoe-hybrid.ts";
import { pumaRows } from "./puma.ts";
import { threedCimOperationRows } from "./threed-cim-operations.ts";
import { threedCimRunRows } from "./threed-cim-runs.ts";

/** Every published figure that the model is compared with. */
export const VALIDATION_ROWS: readonly ValidationRow[] = [
  ...isaacRows,
  ...pumaRows,
  ...hermesRows,
  ...threedCimOperationRows,
  ...threedCimRunRows,
  ...olmoeHybridRows,
];

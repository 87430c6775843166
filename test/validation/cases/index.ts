import type { ValidationRow } from "../row.ts";
import { bookSimRows } from "./booksim.ts";
import { hermesRows } from "./hermes.ts";
import { isaacRows } from "./isaac.ts";
import { macroAnchorRows } from "./macros.ts";
import { olmoeHybridRows } from "./olmoe-hybrid.ts";
import { pcmTileRows, servingRows } from "./pcm-tiles.ts";
import { pumaRows } from "./puma.ts";
import { threedCimOperationRows } from "./threed-cim-operations.ts";
import { threedCimRunRows } from "./threed-cim-runs.ts";
import { toolRows } from "./tools.ts";

/** Every published figure that the model is compared with. */
export const VALIDATION_ROWS: readonly ValidationRow[] = [
  ...isaacRows,
  ...pumaRows,
  ...hermesRows,
  ...pcmTileRows,
  ...macroAnchorRows,
  ...olmoeHybridRows,
  ...threedCimOperationRows,
  ...threedCimRunRows,
  ...toolRows,
  ...bookSimRows,
  ...servingRows,
];

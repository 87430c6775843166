/** Input ranges that come with a checkpoint, in the place of calibrated ones. */
import type { StoredRange } from "../checkpoint/input-ranges.ts";
import type { AnalogTile } from "../model/arch.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import { rowRanges } from "../numerics/ranges.ts";
import { blocksOn, type MatrixRanges } from "./evaluator.ts";

/** By matrix; null: none are stored. */
export type StoredRanges = readonly (readonly StoredRange[] | null)[];

/**
 * Ranges of a tile's row ranges, where stored ones are of the same inputs.
 *
 * @returns null: the matrix was cut otherwise
 */
function rangesOn(
  tile: AnalogTile,
  matrix: WeightMatrix,
  stored: readonly StoredRange[],
): Float64Array | null {
  const rows = rowRanges(blocksOn(tile, matrix));
  const fits =
    rows.length === stored.length && rows.every(({ rowEnd }, r) => rowEnd === stored[r]!.rowEnd);
  return fits ? Float64Array.from(stored, ({ range }) => range) : null;
}

/** Replaces calibrated ranges by stored ones where there are any. */
export const withStored = (
  calibrated: MatrixRanges,
  stored: StoredRanges,
  tiles: readonly AnalogTile[],
  matrices: readonly WeightMatrix[],
): MatrixRanges =>
  calibrated.map((ofKind, kind) =>
    ofKind.map((own, id) => {
      const found = stored[id] ?? null;
      return found === null ? own : (rangesOn(tiles[kind]!, matrices[id]!, found) ?? own);
    }),
  );

/** How many matrices have stored ranges, for reports; null: none. */
export function storedNote(stored: StoredRanges): string | null {
  const matrices = stored.filter((ranges) => ranges !== null).length;
  if (matrices === 0) return null;
  return `input ranges of ${matrices} matrices are those stored in the checkpoint, where the crossbars cut their inputs alike; others are calibrated`;
}

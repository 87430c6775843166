/** Tile shapes of the products. */
import type { MatrixShape } from "./context.ts";
import type { DotTile } from "./shaders/analog.ts";
import { type MatrixTile, SUBGROUP } from "./shaders/analog-matrix.ts";
import type { FloatTile } from "./shaders/digital.ts";

/** All tiles of a flow have the same number of rows, so that one plan serves all of them. */
export interface Tiles {
  readonly rows: number;
  readonly analog: DotTile;
  /** Where subgroups multiply matrices; null: elsewhere, and `analog` is used. */
  readonly matrix: MatrixTile | null;
  readonly extra: DotTile;
  readonly digital: FloatTile;
}

/**
 * Rows of a tile: more reuse weights more often, fewer leave less of a tile empty.
 *
 * @param shapes of the adapter; empty: no matrix instructions
 */
export function tilesOf(
  rows: number,
  columns: number,
  shapes: readonly MatrixShape[] = [],
  rowsEach = rows >= 128 ? 8 : 4,
  depth = DEPTH,
  unrolled = false,
): Tiles {
  return {
    rows,
    analog: { rows, columns, rowsEach, ...(unrolled && { unrolled }) },
    matrix: matrixTile(rows, columns, shapes, depth),
    extra: { rows, columns, rowsEach: rows >= 128 ? 8 : 4, ...(unrolled && { unrolled }) },
    digital: { rows, columns: 64, rowsEach: rows >= 64 ? 8 : 4, columnsEach: 4 },
  };
}

/** 16-byte groups of inputs that a matrix tile stages. */
const DEPTH = 4;

/** The largest shape that divides the tile among four subgroups, or two. */
function matrixTile(
  rows: number,
  columns: number,
  shapes: readonly MatrixShape[],
  depth: number,
): MatrixTile | null {
  const down = rows >= 64 ? 2 : 1;
  const across = 2;
  const fitting = shapes
    .filter(
      ({ M, N, K }) =>
        (rows / down) % M === 0 && (columns / across) % N === 0 && 64 % K === 0 && K % 16 === 0,
    )
    .sort((a, b) => b.M * b.N * b.K - a.M * a.N * a.K);
  const shape = fitting[0];
  const units = (rows * columns) / 4 / (SUBGROUP * down * across);
  if (shape === undefined || !Number.isInteger(units)) return null;
  return { rows, columns, down, across, depth, shape };
}

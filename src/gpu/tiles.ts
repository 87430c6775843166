/** Tile shapes of the products. */
import type { MatrixShape } from "./context.ts";
import { type DotTile, isDotTile } from "./shaders/analog.ts";
import { isMatrixTile, type MatrixTile } from "./shaders/analog-matrix.ts";
import type { FloatTile } from "./shaders/digital.ts";

/** All tiles of a flow have the same number of rows, so that one plan serves all of them. */
export interface Tiles {
  readonly rows: number;
  readonly columns: number;
  readonly analog: DotTile;
  /** Where subgroups multiply matrices; null: elsewhere, and `analog` is used. */
  readonly matrix: MatrixTile | null;
  readonly digital: FloatTile;
}

/** What may be chosen for a tile of some rows and columns. */
export interface TileOptions {
  readonly dot?: Partial<DotTile>;
  readonly matrix?: Partial<MatrixTile>;
}

/** Words of a row that the analog tiles stage at a time. */
export const paddingOf = ({ analog, matrix }: Tiles): number =>
  matrix === null ? analog.words : 4 * matrix.depth;

/**
 * Rows of a tile: more reuse weights more often, fewer leave less of a tile empty.
 *
 * @param shapes of the adapter; empty: no matrix instructions
 * @throws Error if the dot tile does not divide among its invocations
 */
export function tilesOf(
  rows: number,
  columns: number,
  shapes: readonly MatrixShape[] = [],
  { dot, matrix }: TileOptions = {},
): Tiles {
  const base = { rows, columns, rowsEach: rows >= 64 ? 8 : 4, unrolled: false } as const;
  const analog = [8, 16, 32].map((words): DotTile => ({ ...base, words, ...dot })).find(isDotTile);
  if (analog === undefined) throw new Error(`no tile of ${rows} x ${columns}`);
  return {
    ...{ rows, columns, analog },
    matrix: matrixTile(rows, columns, shapes, matrix),
    digital: { rows, columns: 64, rowsEach: rows >= 64 ? 8 : 4, columnsEach: 4 },
  };
}

/** The largest shape that divides the tile among its subgroups; null: none does. */
function matrixTile(
  rows: number,
  columns: number,
  shapes: readonly MatrixShape[],
  own: Partial<MatrixTile> = {},
): MatrixTile | null {
  // Many subgroups with few sums each: fewer registers, so more workgroups side by side.
  const down = Math.max(1, rows / 32);
  const across = rows > 64 ? columns / 32 : columns / 16;
  const tiles = shapes
    .toSorted((a, b) => b.M * b.N * b.K - a.M * a.N * a.K)
    .map((shape): MatrixTile => ({ ...{ rows, columns, shape, down, across, depth: 8 }, ...own }));
  return tiles.find(isMatrixTile) ?? null;
}

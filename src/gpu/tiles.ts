/** Tile shapes of the products. */
import type { DotTile } from "./shaders/analog.ts";
import type { FloatTile } from "./shaders/digital.ts";

/** All tiles of a flow have the same number of rows, so that one plan serves all of them. */
export interface Tiles {
  readonly rows: number;
  readonly analog: DotTile;
  readonly extra: DotTile;
  readonly digital: FloatTile;
}

/** Rows of a tile: more reuse weights more often, fewer leave less of a tile empty. */
export function tilesOf(rows: number, columns: number): Tiles {
  const rowsEach = rows >= 128 ? 8 : 4;
  return {
    rows,
    analog: { rows, columns, rowsEach },
    extra: { rows, columns, rowsEach: 4 },
    digital: { rows, columns: 64, rowsEach: rows >= 64 ? 8 : 4, columnsEach: 4 },
  };
}

import type { Mapping } from "./mapping.ts";

/** How much of the chip a mapping takes. */
export interface CrossbarUse {
  /** Tiles with at least one crossbar in use, per kind. */
  readonly tilesByKind: readonly number[];
  readonly crossbars: number;
  /** Unit cells that hold a weight, over all unit cells of the crossbars in use; 0 if none is. */
  readonly cell_frac: number;
}

/**
 * Counts tiles, crossbars and unit cells in use.
 *
 * Places that experts share count as used, and as holding the expert that is there at the start.
 */
export function crossbarUse(
  mapping: Mapping,
  kinds: readonly {
    readonly crossbar: { readonly rows: number; readonly cols: number; readonly slices: number };
  }[],
): CrossbarUse {
  const tiles = kinds.map(() => 0);
  const isUsed = new Uint8Array(mapping.tile.reduce((most, t) => Math.max(most, t), -1) + 1);
  let crossbars = 0;
  let cells = 0;
  let allCells = 0;
  for (let b = 0; b < mapping.blockCount; b++) {
    if (mapping.tile[b]! < 0) continue;
    const kind = mapping.tileKind[b]!;
    const { rows, cols, slices } = kinds[kind]!.crossbar;
    if (isUsed[mapping.tile[b]!] === 0) tiles[kind]!++;
    isUsed[mapping.tile[b]!] = 1;
    crossbars++;
    const weights =
      (mapping.rowEnd[b]! - mapping.rowBegin[b]!) * (mapping.colEnd[b]! - mapping.colBegin[b]!);
    cells += weights * slices;
    allCells += rows * cols;
  }
  return {
    tilesByKind: tiles,
    crossbars,
    cell_frac: allCells === 0 ? 0 : cells / allCells,
  };
}

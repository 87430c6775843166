import type { Mapping } from "./mapping.ts";
import type { BlockCuts } from "./split.ts";

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
  const copied = mapping.copies === undefined ? -1 : largest(mapping.copies.tile);
  const isUsed = new Uint8Array(Math.max(largest(mapping.tile), copied) + 1);
  let crossbars = 0;
  let cells = 0;
  let allCells = 0;
  for (let m = 0; m < mapping.tileKind.length; m++) {
    const begin = mapping.blockBegin[m]!;
    const blocks = mapping.blockBegin[m + 1]! - begin;
    if (blocks === 0 || mapping.tile[begin]! < 0) continue;
    const kind = mapping.tileKind[m]!;
    const { rows, cols, slices } = kinds[kind]!.crossbar;
    for (let b = begin; b < begin + blocks; b++) {
      tiles[kind]! += 1 - isUsed[mapping.tile[b]!]!;
      isUsed[mapping.tile[b]!] = 1;
    }
    crossbars += blocks;
    cells += weightsOf(mapping.cuts[m]!) * slices;
    allCells += blocks * rows * cols;
  }
  for (const { matrices, first, blockBegin, blockEnd, copies } of mapping.copies?.experts ?? []) {
    const kind = mapping.tileKind[matrices[0]!]!;
    const { rows, cols, slices } = kinds[kind]!.crossbar;
    const blocks = copies * (blockEnd - blockBegin);
    for (let i = first; i < first + blocks; i++) {
      const t = mapping.copies!.tile[i]!;
      tiles[kind]! += 1 - isUsed[t]!;
      isUsed[t] = 1;
    }
    crossbars += blocks;
    for (const m of matrices) cells += copies * weightsOf(mapping.cuts[m]!) * slices;
    allCells += blocks * rows * cols;
  }
  return {
    tilesByKind: tiles,
    crossbars,
    cell_frac: allCells === 0 ? 0 : cells / allCells,
  };
}

function largest(values: Int32Array): number {
  let most = -1;
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!;
  return most;
}

/** Blocks cover a matrix exactly, and the last one ends at its corner. */
function weightsOf({ rowEnd, colEnd }: BlockCuts): number {
  return rowEnd[rowEnd.length - 1]! * colEnd[colEnd.length - 1]!;
}

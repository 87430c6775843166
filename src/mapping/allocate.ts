/** The crossbars of one kind of tile, handed out in order. */
export interface CrossbarPool {
  readonly tileKind: number;
  /** Most weights of one crossbar. */
  readonly rows: number;
  readonly cols: number;
  readonly capacity: number;
  readonly free: () => number;
  /** Puts the next crossbars into entries begin .. end of two columns; only when so many are free. */
  readonly take: (
    into: { readonly tile: Int32Array; readonly tier: Int32Array },
    begin: number,
    end: number,
  ) => void;
}

/**
 * Hands out crossbars tile by tile, and a tier higher only when every tile has one more in use.
 *
 * A tile reads one tier at a time, so blocks that work at the same time must sit on different
 * tiles. Blocks are asked for in the order of matrices; any `tiles` consecutive ones, hence the
 * blocks of a matrix, of an expert and of neighbouring experts, land on different tiles as long
 * as there are enough, and no two tiles differ by more than one tier in use.
 */
export function createCrossbarPool(kind: {
  readonly tileKind: number;
  readonly rows: number;
  readonly cols: number;
  readonly firstTile: number;
  readonly tiles: number;
  readonly tiers: number;
}): CrossbarPool {
  const capacity = kind.tiles * kind.tiers;
  let taken = 0;
  return {
    tileKind: kind.tileKind,
    rows: kind.rows,
    cols: kind.cols,
    capacity,
    free: () => capacity - taken,
    take: ({ tile, tier }, begin, end) => {
      if (taken + end - begin > capacity)
        throw new Error(`${end - begin} crossbars are wanted, ${capacity - taken} are free`);
      let at = taken % kind.tiles;
      let level = Math.floor(taken / kind.tiles);
      for (let i = begin; i < end; i++) {
        tile[i] = kind.firstTile + at;
        tier[i] = level;
        if (++at === kind.tiles) {
          at = 0;
          level++;
        }
      }
      taken += end - begin;
    },
  };
}

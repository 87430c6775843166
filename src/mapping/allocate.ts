/** The crossbars of one kind of tile, handed out one by one. */
export interface CrossbarPool {
  readonly tileKind: number;
  /** Most weights of one crossbar. */
  readonly rows: number;
  readonly cols: number;
  readonly capacity: number;
  readonly free: () => number;
  /** The next crossbar; only when free() > 0. */
  readonly take: () => { readonly tile: number; readonly tier: number };
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
    take: () => {
      if (taken === capacity) throw new Error(`all ${capacity} crossbars are taken`);
      const place = {
        tile: kind.firstTile + (taken % kind.tiles),
        tier: Math.floor(taken / kind.tiles),
      };
      taken++;
      return place;
    },
  };
}

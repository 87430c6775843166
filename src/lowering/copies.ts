import type { Mapping } from "../mapping/mapping.ts";

/** Which copy of an expert the next token goes to. */
export interface Copies {
  /** Most copies of an expert, the first included. */
  readonly most: number;
  /** Copy in use of each matrix; 0 where there is one only. */
  readonly copyOf: (matrix: number) => number;
  /** Moves the expert on to its next copy: tokens take turns, so no copy serves two more than another. */
  readonly next: (layer: number, expert: number) => void;
}

/** @param tile of each block now; the blocks of an expert change with its copy. [blockCount] */
export function createCopies({ copies, tile: home }: Mapping, tile: Int32Array): Copies {
  if (copies === undefined) return { most: 1, copyOf: () => 0, next: () => {} };
  const numberOf = new Map<string, number>();
  const inUse = new Map<number, number>();
  copies.experts.forEach(({ layer, expert }, i) => {
    numberOf.set(`${layer} ${expert}`, i);
  });
  /** The first use goes to copy 0. */
  const turn = copies.experts.map((each) => each.copies);
  return {
    most: 1 + copies.experts.reduce((most, each) => Math.max(most, each.copies), 0),
    copyOf: (matrix) => inUse.get(matrix) ?? 0,
    next: (layer, expert) => {
      const i = numberOf.get(`${layer} ${expert}`);
      if (i === undefined) return;
      const { matrices, blockBegin, blockEnd, copies: more, first } = copies.experts[i]!;
      const copy = (turn[i]! + 1) % (more + 1);
      turn[i] = copy;
      const blocks = blockEnd - blockBegin;
      const at = first + (copy - 1) * blocks;
      const tiles =
        copy === 0 ? home.subarray(blockBegin, blockEnd) : copies.tile.subarray(at, at + blocks);
      tile.set(tiles, blockBegin);
      for (const matrix of matrices) inUse.set(matrix, copy);
    },
  };
}

import type { WeightMatrix } from "../model/matrix.ts";
import type { CrossbarPool } from "./allocate.ts";
import type { Mapping } from "./mapping.ts";
import { type Block, splitIntoBlocks } from "./split.ts";

/**
 * Writes the blocks of all analog matrices down, each on the next free crossbar of its kind.
 *
 * @param kindOf kind of tile of each matrix, -1 for digital ones. [matrices]
 * @param absent matrices that get blocks but no crossbar: they take turns
 */
export function writeMapping(
  pools: readonly CrossbarPool[],
  matrices: readonly WeightMatrix[],
  kindOf: Int32Array,
  absent: ReadonlySet<number> = new Set(),
): Mapping {
  const blocksOf = matrices.map((matrix): readonly Block[] => {
    const pool = pools[kindOf[matrix.id]!];
    return pool === undefined
      ? []
      : splitIntoBlocks({ rows: matrix.inputs, cols: matrix.outputs }, pool);
  });
  const blockBegin = new Int32Array(matrices.length + 1);
  blocksOf.forEach((blocks, id) => {
    blockBegin[id + 1] = blockBegin[id]! + blocks.length;
  });
  const mapping = emptyMapping(blockBegin);
  for (const { id } of matrices) {
    blocksOf[id]!.forEach((block, i) => {
      writeBlock(mapping, blockBegin[id]! + i, id, block, kindOf[id]!);
      if (!absent.has(id)) place(mapping, blockBegin[id]! + i, pools[kindOf[id]!]!.take());
    });
  }
  return mapping;
}

function emptyMapping(blockBegin: Int32Array): Mapping {
  const blockCount = blockBegin[blockBegin.length - 1]!;
  const column = (): Int32Array => new Int32Array(blockCount);
  return {
    blockCount,
    blockBegin,
    matrix: column(),
    rowBegin: column(),
    rowEnd: column(),
    colBegin: column(),
    colEnd: column(),
    tileKind: column(),
    tile: column().fill(-1),
    tier: column().fill(-1),
    slots: null,
  };
}

function writeBlock(
  mapping: Mapping,
  at: number,
  matrix: number,
  block: Block,
  tileKind: number,
): void {
  mapping.matrix[at] = matrix;
  mapping.rowBegin[at] = block.rowBegin;
  mapping.rowEnd[at] = block.rowEnd;
  mapping.colBegin[at] = block.colBegin;
  mapping.colEnd[at] = block.colEnd;
  mapping.tileKind[at] = tileKind;
}

/** Puts a block onto a crossbar. */
export function place(
  mapping: Mapping,
  at: number,
  crossbar: { readonly tile: number; readonly tier: number },
): void {
  mapping.tile[at] = crossbar.tile;
  mapping.tier[at] = crossbar.tier;
}

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
  const blocksOf = createBlockLists(pools);
  const blockBegin = new Int32Array(matrices.length + 1);
  for (const matrix of matrices) {
    const blocks = blocksOf(matrix, kindOf[matrix.id]!).length;
    blockBegin[matrix.id + 1] = blockBegin[matrix.id]! + blocks;
  }
  const mapping = emptyMapping(blockBegin);
  for (const matrix of matrices) {
    const kind = kindOf[matrix.id]!;
    let at = blockBegin[matrix.id]!;
    for (const block of blocksOf(matrix, kind)) {
      writeBlock(mapping, at, matrix.id, block, kind);
      if (!absent.has(matrix.id)) place(mapping, at, pools[kind]!.take());
      at++;
    }
  }
  return mapping;
}

/** Blocks of a matrix on a kind of tile; matrices of one shape share their list. */
function createBlockLists(
  pools: readonly CrossbarPool[],
): (matrix: WeightMatrix, kind: number) => readonly Block[] {
  const known = new Map<string, readonly Block[]>();
  return ({ inputs, outputs }, kind) => {
    const pool = pools[kind];
    if (pool === undefined) return [];
    const key = `${kind} ${inputs} ${outputs}`;
    const blocks = known.get(key) ?? splitIntoBlocks({ rows: inputs, cols: outputs }, pool);
    known.set(key, blocks);
    return blocks;
  };
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

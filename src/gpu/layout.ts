/** Where the blocks of a matrix lie in the planes that the GPU reads. */
import type { AnalogMatrix } from "../numerics/engine.ts";

/** Inputs that blocks of one row of blocks share, in words of four codes. */
interface RowPart {
  readonly wordBegin: number;
  /** A multiple of what a tile stages; padding is 0. */
  readonly words: number;
  readonly rowBegin: number;
  readonly rowEnd: number;
}

interface ColumnTile {
  readonly part: number;
  /** Column of the matrix that the tile begins with, and its place in its block. */
  readonly column: number;
  readonly inPart: number;
  readonly count: number;
}

export interface Layout {
  readonly inputs: number;
  readonly outputs: number;
  readonly words: number;
  readonly rowParts: readonly RowPart[];
  readonly columnTiles: readonly ColumnTile[];
  readonly colParts: number;
  /** First padded column of each column part. */
  readonly partBegin: readonly number[];
  readonly paddedOutputs: number;
}

/**
 * Blocks are a grid in row-major order, as `splitIntoBlocks` makes them.
 *
 * @param columns of a tile: no tile reaches over two blocks
 * @param padding words that a tile stages at a time: row parts are multiples of it
 * @throws Error if they are no grid
 */
export function layoutOf(
  { inputs, outputs, blocks }: Pick<AnalogMatrix, "inputs" | "outputs" | "blocks">,
  columns: number,
  padding: number,
): Layout {
  const rowCuts = [...new Set(blocks.map((b) => b.rowBegin))].sort((a, b) => a - b);
  const colCuts = [...new Set(blocks.map((b) => b.colBegin))].sort((a, b) => a - b);
  if (rowCuts.length * colCuts.length !== blocks.length) throw new Error("blocks are no grid");
  let words = 0;
  const rowParts = rowCuts.map((rowBegin, i) => {
    const rowEnd = rowCuts[i + 1] ?? inputs;
    const own = Math.ceil((rowEnd - rowBegin) / 4 / padding) * padding;
    words += own;
    return { wordBegin: words - own, words: own, rowBegin, rowEnd };
  });
  const columnTiles: ColumnTile[] = [];
  const partBegin: number[] = [];
  colCuts.forEach((begin, part) => {
    const end = colCuts[part + 1] ?? outputs;
    partBegin.push(columnTiles.length * columns);
    for (let column = begin; column < end; column += columns) {
      const count = Math.min(columns, end - column);
      columnTiles.push({ part, column, inPart: column - begin, count });
    }
  });
  return {
    ...{ inputs, outputs, words, rowParts, columnTiles, partBegin },
    colParts: colCuts.length,
    paddedOutputs: columnTiles.length * columns,
  };
}

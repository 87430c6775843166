/** The rectangles of a weight matrix that sit on crossbars, as numerics sees them. */

/** Half-open ranges: rows are inputs, columns outputs. */
export interface BlockRange {
  readonly rowBegin: number;
  readonly rowEnd: number;
  readonly colBegin: number;
  readonly colEnd: number;
}

/** Inputs that are applied to a crossbar together. */
export type RowRange = Pick<BlockRange, "rowBegin" | "rowEnd">;

/** Distinct row ranges of the blocks, rising: the order of input ranges everywhere. */
export function rowRanges(blocks: readonly RowRange[]): readonly RowRange[] {
  const byKey = new Map<string, RowRange>();
  for (const { rowBegin, rowEnd } of blocks)
    byKey.set(`${rowBegin}:${rowEnd}`, { rowBegin, rowEnd });
  return [...byKey.values()].sort((a, b) => a.rowBegin - b.rowBegin || a.rowEnd - b.rowEnd);
}

/** Blocks in row-major order, so that results do not depend on the order they came in. */
export function inOrder<T extends BlockRange>(blocks: readonly T[]): readonly T[] {
  return blocks.toSorted((a, b) => a.rowBegin - b.rowBegin || a.colBegin - b.colBegin);
}

/** @throws Error unless the blocks cover every weight exactly once */
export function requireCover(
  blocks: readonly BlockRange[],
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
): void {
  const covered = new Uint32Array(outputs);
  for (const { rowBegin, rowEnd, colBegin, colEnd } of blocks) {
    const inside = rowBegin >= 0 && colBegin >= 0 && rowEnd <= inputs && colEnd <= outputs;
    if (!inside || rowEnd <= rowBegin || colEnd <= colBegin)
      throw new Error(`block ${rowBegin}:${rowEnd} x ${colBegin}:${colEnd} outside its matrix`);
    for (let c = colBegin; c < colEnd; c++) covered[c] = covered[c]! + rowEnd - rowBegin;
  }
  const bad = covered.findIndex((rows) => rows !== inputs);
  if (bad >= 0)
    throw new Error(`blocks cover ${covered[bad]} of the ${inputs} weights of output ${bad}`);
}

/** A rectangle of a weight matrix that sits on one crossbar. Half-open; rows are inputs. */
export interface Block {
  readonly rowBegin: number;
  readonly rowEnd: number;
  readonly colBegin: number;
  readonly colEnd: number;
}

/** Weights that one crossbar holds: a weight takes `slices` columns of unit cells. */
export function weightsPerCrossbar(crossbar: {
  readonly rows: number;
  readonly cols: number;
  readonly slices: number;
}): { readonly rows: number; readonly cols: number } {
  return { rows: crossbar.rows, cols: Math.floor(crossbar.cols / crossbar.slices) };
}

/**
 * Cuts 0..length into the fewest pieces of at most `limit`, as equal as whole numbers allow:
 * 1000 over 512 is 500 + 500.
 *
 * Balanced, because a block's inputs share one range and its rows one read: 512 + 488 would leave
 * the work the same and the last crossbar noisier for no gain.
 *
 * @returns the cuts, first 0 and last `length`; ceil(length / limit) + 1 of them
 */
export function balancedCuts(length: number, limit: number): readonly number[] {
  const pieces = Math.ceil(length / limit);
  return Array.from({ length: pieces + 1 }, (_, i) => Math.floor((i * length) / pieces));
}

/**
 * Cuts a weight matrix into crossbar-sized blocks, row-major.
 *
 * @param weights logical shape, [rows = inputs][cols = outputs]
 * @param limits what one crossbar holds, same order
 * @returns blocks that cover every weight exactly once; ceil(r/R) * ceil(c/C) of them
 */
export function splitIntoBlocks(
  weights: { readonly rows: number; readonly cols: number },
  limits: { readonly rows: number; readonly cols: number },
): readonly Block[] {
  const rowCuts = balancedCuts(weights.rows, limits.rows);
  const colCuts = balancedCuts(weights.cols, limits.cols);
  const blocks: Block[] = [];
  for (let r = 0; r + 1 < rowCuts.length; r++) {
    for (let c = 0; c + 1 < colCuts.length; c++) {
      blocks.push({
        rowBegin: rowCuts[r]!,
        rowEnd: rowCuts[r + 1]!,
        colBegin: colCuts[c]!,
        colEnd: colCuts[c + 1]!,
      });
    }
  }
  return blocks;
}

/** The blocks of a matrix as columns, row-major. Half-open; rows are inputs. */
export interface BlockCuts {
  /** [blocks], like all. */
  readonly rowBegin: Int32Array;
  readonly rowEnd: Int32Array;
  readonly colBegin: Int32Array;
  readonly colEnd: Int32Array;
}

/** The same blocks as `splitIntoBlocks`. */
export function blockCuts(
  weights: { readonly rows: number; readonly cols: number },
  limits: { readonly rows: number; readonly cols: number },
): BlockCuts {
  const blocks = splitIntoBlocks(weights, limits);
  const column = (of: (block: Block) => number) => Int32Array.from(blocks, of);
  return {
    rowBegin: column(({ rowBegin }) => rowBegin),
    rowEnd: column(({ rowEnd }) => rowEnd),
    colBegin: column(({ colBegin }) => colBegin),
    colEnd: column(({ colEnd }) => colEnd),
  };
}

/** How many crossbars a matrix takes. */
export function blockCount(
  weights: { readonly rows: number; readonly cols: number },
  limits: { readonly rows: number; readonly cols: number },
): number {
  return Math.ceil(weights.rows / limits.rows) * Math.ceil(weights.cols / limits.cols);
}

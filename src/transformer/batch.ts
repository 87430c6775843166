/** Tokens that are run through a model together. */

/** A sequence that stands alone: its tokens see each other, and no others. */
export interface TokenWindow {
  readonly tokens: Int32Array;
  /** Number of its first token in the whole text: the address of its noise. */
  readonly firstRow: number;
}

/** Several windows, one after another; a row is a token. */
export interface TokenBatch {
  readonly rows: number;
  readonly tokens: Int32Array;
  /** [rows] number of each token in the whole text */
  readonly rowIds: Uint32Array;
  /** [windows + 1] the rows of window w are windowBegin[w] up to windowBegin[w + 1] */
  readonly windowBegin: Int32Array;
}

export function batchOf(windows: readonly TokenWindow[]): TokenBatch {
  const windowBegin = new Int32Array(windows.length + 1);
  windows.forEach(({ tokens }, w) => {
    windowBegin[w + 1] = windowBegin[w]! + tokens.length;
  });
  const rows = windowBegin[windows.length]!;
  const tokens = new Int32Array(rows);
  const rowIds = new Uint32Array(rows);
  windows.forEach((window, w) => {
    const begin = windowBegin[w]!;
    tokens.set(window.tokens, begin);
    for (let i = 0; i < window.tokens.length; i++) rowIds[begin + i] = window.firstRow + i;
  });
  return { rows, tokens, rowIds, windowBegin };
}

/**
 * Groups windows so that no batch has more than `maxRows` rows, unless a single window does.
 *
 * How windows are grouped changes speed and memory, not results.
 */
export function batchesOf(windows: readonly TokenWindow[], maxRows: number): TokenBatch[] {
  const batches: TokenBatch[] = [];
  let group: TokenWindow[] = [];
  let rows = 0;
  for (const window of windows) {
    if (group.length > 0 && rows + window.tokens.length > maxRows) {
      batches.push(batchOf(group));
      group = [];
      rows = 0;
    }
    group.push(window);
    rows += window.tokens.length;
  }
  if (group.length > 0) batches.push(batchOf(group));
  return batches;
}

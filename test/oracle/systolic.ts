/**
 * Systolic arrays, clock by clock and register by register: slow, obvious, and it multiplies.
 *
 * Matrices are arrays of rows: a[tokens][inputs], b[inputs][outputs].
 */
type Matrix = readonly (readonly number[])[];

export interface SystolicRun {
  /** Products in order, [batch][tokens][outputs]. */
  readonly results: readonly Matrix[];
  /** Clocks until the last result has left. */
  readonly clocks: number;
}

interface Fold {
  readonly batch: number;
  readonly rowBegin: number;
  readonly rowEnd: number;
  readonly colBegin: number;
  readonly colEnd: number;
}

const grid = <T>(rows: number, cols: number, value: T): T[][] =>
  Array.from({ length: rows }, () => new Array<T>(cols).fill(value));

function foldsOf(
  batch: number,
  alongRows: number,
  alongCols: number,
  R: number,
  C: number,
): Fold[] {
  const folds: Fold[] = [];
  for (let b = 0; b < batch; b++)
    for (let colBegin = 0; colBegin < alongCols; colBegin += C)
      for (let rowBegin = 0; rowBegin < alongRows; rowBegin += R)
        folds.push({
          batch: b,
          rowBegin,
          rowEnd: Math.min(rowBegin + R, alongRows),
          colBegin,
          colEnd: Math.min(colBegin + C, alongCols),
        });
  return folds;
}

/** What travels: an activation (to the right) or a partial sum (down), with its fold and token. */
interface Moving {
  readonly fold: number;
  readonly token: number;
  readonly value: number;
}

/**
 * Weight-stationary: one weight row enters per clock into a second set of weight registers while
 * the first set computes; an activation that belongs to the next fold swaps them as it arrives.
 * Of the second set only the number of rows that are in is kept; the values are read at the swap.
 */
export function runWeightStationary(R: number, C: number, a: Matrix[], b: Matrix[]): SystolicRun {
  const tokens = a[0]!.length;
  const folds = foldsOf(a.length, b[0]!.length, b[0]![0]!.length, R, C);
  const results = a.map(() => grid(tokens, b[0]![0]!.length, 0));
  const weight = grid(R, C, 0);
  const weightFold = grid(R, C, -1);
  let acts = grid<Moving | null>(R, C, null);
  let sums = grid<Moving | null>(R, C, null);
  let remaining = folds.reduce((n, f) => n + tokens * (f.colEnd - f.colBegin), 0);
  let streaming = -1; // fold that streams
  let streamClock = 0;
  let loadedFold = -1; // last fold whose weights are complete in the second set
  let loading = 0; // fold whose weights shift in
  let rowsIn = 0;
  const streams: { fold: number; begin: number }[] = [];
  let clock = 0;
  for (; remaining > 0; clock++) {
    // Controller: start the next fold as soon as its weights are in and the last stream has ended.
    const streamDone = streaming < 0 || streamClock >= tokens;
    if (streamDone && loadedFold > streaming) {
      streaming = loadedFold;
      streamClock = 0;
      streams.push({ fold: streaming, begin: clock });
      loading = streaming + 1;
      rowsIn = 0;
    }
    if (loading < folds.length && loading > loadedFold) {
      rowsIn++;
      if (rowsIn === folds[loading]!.rowEnd - folds[loading]!.rowBegin) loadedFold = loading;
    }
    streamClock++;
    const nextActs = grid<Moving | null>(R, C, null);
    const nextSums = grid<Moving | null>(R, C, null);
    for (let r = 0; r < R; r++) {
      for (let c = 0; c < C; c++) {
        const act = c === 0 ? entering(streams, folds, a, r, clock, tokens) : acts[r]![c - 1]!;
        if (act === null) continue;
        const fold = folds[act.fold]!;
        if (weightFold[r]![c] !== act.fold) {
          weightFold[r]![c] = act.fold;
          weight[r]![c] = b[fold.batch]![fold.rowBegin + r]?.[fold.colBegin + c] ?? 0;
          if (fold.rowBegin + r >= fold.rowEnd || fold.colBegin + c >= fold.colEnd)
            weight[r]![c] = 0;
        }
        const above = r === 0 ? null : sums[r - 1]![c]!;
        if (r > 0 && (above?.fold !== act.fold || above.token !== act.token))
          throw new Error(`partial sum of another product at ${r},${c}, clock ${clock}`);
        nextActs[r]![c] = act;
        nextSums[r]![c] = {
          fold: act.fold,
          token: act.token,
          value: (above?.value ?? 0) + weight[r]![c]! * act.value,
        };
      }
    }
    for (let c = 0; c < C; c++) {
      const out = nextSums[R - 1]![c]!;
      if (out === null) continue;
      const fold = folds[out.fold]!;
      if (fold.colBegin + c >= fold.colEnd) continue;
      results[fold.batch]![out.token]![fold.colBegin + c]! += out.value;
      remaining--;
    }
    acts = nextActs;
    sums = nextSums;
  }
  return { results, clocks: clock };
}

/** The activation that enters row r: token t of a fold does so at begin + t + r; rows beyond it get 0. */
function entering(
  streams: readonly { fold: number; begin: number }[],
  folds: readonly Fold[],
  a: readonly Matrix[],
  r: number,
  clock: number,
  tokens: number,
): Moving | null {
  for (const { fold: id, begin } of streams) {
    const token = clock - begin - r;
    if (token < 0 || token >= tokens) continue;
    const fold = folds[id]!;
    const input = fold.rowBegin + r;
    const value = input < fold.rowEnd ? a[fold.batch]![token]![input]! : 0;
    return { fold: id, token, value };
  }
  return null;
}

/** Output-stationary: accumulators stay; when all are complete they shift up and out, row by row. */
export function runOutputStationary(R: number, C: number, a: Matrix[], b: Matrix[]): SystolicRun {
  const inputs = b[0]!.length;
  const results = a.map(() => grid(a[0]!.length, b[0]![0]!.length, 0));
  let clock = 0;
  for (const fold of foldsOf(a.length, a[0]!.length, b[0]![0]!.length, R, C)) {
    const rows = fold.rowEnd - fold.rowBegin;
    const cols = fold.colEnd - fold.colBegin;
    const accumulator = grid(rows, cols, 0);
    let right = grid(rows, cols, 0);
    let down = grid(rows, cols, 0);
    let busy = rows * cols * inputs;
    for (let t = 0; busy > 0; t++, clock++) {
      const nextRight = grid(rows, cols, 0);
      const nextDown = grid(rows, cols, 0);
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < cols; c++) {
          const x = c === 0 ? (a[fold.batch]![fold.rowBegin + r]![t - r] ?? 0) : right[r]![c - 1]!;
          const w = r === 0 ? (b[fold.batch]![t - c]?.[fold.colBegin + c] ?? 0) : down[r - 1]![c]!;
          const k = t - r - c;
          if (k >= 0 && k < inputs) {
            accumulator[r]![c]! += x * w;
            busy--;
          }
          nextRight[r]![c] = x;
          nextDown[r]![c] = w;
        }
      }
      right = nextRight;
      down = nextDown;
    }
    for (let r = 0; r < rows; r++, clock++)
      for (let c = 0; c < cols; c++)
        results[fold.batch]![fold.rowBegin + r]![fold.colBegin + c] = accumulator[r]![c]!;
  }
  return { results, clocks: clock };
}

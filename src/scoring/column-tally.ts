/** What the analog sums of crossbars are like on a text, and what the loss has to fear from their errors. */
import type { RowRange } from "../numerics/ranges.ts";
import type { ReversedProduct } from "../transformer/backward-tools.ts";
import {
  COARSE_BINS,
  type ColumnPlan,
  type ColumnSums,
  coarseBin,
  PAIRS_OF_BINS,
  pairOfBins,
  SIZE_BINS,
  sizeBin,
} from "../transformer/curvature.ts";
import { createProducts, createSums, type Digital, type Kind } from "./column-products.ts";

/** Sums over tokens. */
export interface ColumnTotals extends ColumnSums {
  /** Sum of squares of all sums, in the matrix's own units. [1] */
  readonly power: Float64Array;
}

export interface ColumnTally {
  /** Of labels drawn from the model. */
  readonly addSquares: (product: ReversedProduct) => void;
  /** Of the text's own next tokens. */
  readonly addSlopes: (product: ReversedProduct) => void;
  /** [plans][matrices] */
  readonly totals: readonly (readonly (ColumnTotals | null)[])[];
  readonly dispose: () => void;
}

/**
 * Looks at every product as crossbars would compute it without errors: sum by sum.
 *
 * Kinds of tiles that cut a matrix alike share its products.
 *
 * @param weights in the order of `weightMatrices(workload)`
 */
export function createColumnTally(
  weights: readonly Float32Array[],
  digital: Digital,
  plans: readonly (readonly (ColumnPlan | null)[])[],
): ColumnTally {
  const totals = plans.map((plan) => plan.map((own) => (own === null ? null : zeros())));
  const cuts = weights.map((_, id) => cutsOf(plans.map((plan) => plan[id] ?? null)));
  const products = createProducts(weights, digital);
  const addUp = createSums();
  const visit = (product: ReversedProduct, kinds: readonly Kind[], add: Add): void => {
    const { id } = product.matrix;
    for (const { rows, users } of cuts[id]!) {
      const parts = rows.map((range, p) => ({
        range,
        largest: largestInputs(product, range),
        sums: kinds.map((kind, k) =>
          addUp(products.of(product, range, kind), product, range, kind, p * kinds.length + k),
        ),
      }));
      for (const user of users) add(product, plans[user]![id]!, parts, totals[user]![id]!);
    }
  };
  return {
    totals,
    addSquares: (product) => visit(product, ["plain"], addSquares),
    addSlopes: (product) => visit(product, ["plain", "sizes", "placed"], addSlopes),
    dispose: products.dispose,
  };
}

/** The sums over one row range. */
interface Part {
  readonly range: RowRange;
  /** Largest |x| of each token. [rows] */
  readonly largest: Float32Array;
  /** As asked for. [kinds][rows][outputs] */
  readonly sums: readonly Float32Array[];
}

type Add = (
  product: ReversedProduct,
  plan: ColumnPlan,
  parts: readonly Part[],
  to: ColumnTotals,
) => void;

/** Different ways in which plans cut a matrix, and who uses each. */
function cutsOf(plans: readonly (ColumnPlan | null)[]) {
  const known = new Map<string, { readonly rows: readonly RowRange[]; readonly users: number[] }>();
  plans.forEach((plan, user) => {
    if (plan === null) return;
    const key = JSON.stringify(plan.rows);
    const own = known.get(key) ?? { rows: plan.rows, users: [] };
    known.set(key, own);
    own.users.push(user);
  });
  return [...known.values()];
}

function largestInputs(
  { x, rows, matrix }: ReversedProduct,
  { rowBegin, rowEnd }: RowRange,
): Float32Array {
  const result = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let most = 0;
    for (let k = rowBegin; k < rowEnd; k++)
      most = Math.max(most, Math.abs(x[row * matrix.inputs + k]!));
    result[row] = most;
  }
  return result;
}

const number = new Float32Array(1);
const asBits = new Int32Array(number.buffer);
const COARSE = Uint8Array.from({ length: SIZE_BINS }, (_, bin) => coarseBin(bin));

/** 1 over each. */
const inverseOf = (scales: Float32Array): Float32Array => scales.map((scale) => 1 / scale);

const rangeOf = ({ ranges }: ColumnPlan, part: number, largest: number): number =>
  ranges !== null && ranges[part]! > 0 ? ranges[part]! : largest;

function addSquares(
  { dy, rows, matrix: { outputs } }: ReversedProduct,
  plan: ColumnPlan,
  parts: readonly Part[],
  { squares, together }: ColumnTotals,
): void {
  const alike = new Float64Array(COARSE_BINS);
  const own = new Float64Array(COARSE_BINS);
  const inverses = plan.scales.map(inverseOf);
  for (let row = 0; row < rows; row++) {
    alike.fill(0);
    own.fill(0);
    for (let p = 0; p < parts.length; p++) {
      const { largest, sums } = parts[p]!;
      const range = rangeOf(plan, p, largest[row]!);
      if (range === 0) continue;
      const [scales, inverse, plain] = [plan.scales[p]!, inverses[p]!, sums[0]!];
      const perRange = 1 / range;
      for (let o = 0, at = row * outputs; o < outputs; o++, at++) {
        const derivative = dy[at]! * scales[o]! * range;
        number[0] = plain[at]! * inverse[o]! * perRange;
        const bin = sizeBin(asBits[0]!);
        const coarse = COARSE[bin]!;
        const square = derivative * derivative;
        squares[bin] = squares[bin]! + square;
        own[coarse] = own[coarse]! + square;
        alike[coarse] = alike[coarse]! + (asBits[0]! < 0 ? -derivative : derivative);
      }
    }
    addPairs(alike, own, together);
  }
}

/** Products of all pairs of sums of one token, but for those of a sum with itself. */
function addPairs(alike: Float64Array, own: Float64Array, together: Float64Array): void {
  for (let i = 0; i < COARSE_BINS; i++) {
    if (own[i] === 0) continue;
    const first = pairOfBins(i, 0);
    for (let j = 0; j <= i; j++) together[first + j] = together[first + j]! + alike[i]! * alike[j]!;
    together[first + i] = together[first + i]! - own[i]!;
  }
}

/** Of the NLL, so with the other sign than those of the log-likelihood. */
function addSlopes(
  { dy, rows, matrix: { outputs } }: ReversedProduct,
  plan: ColumnPlan,
  parts: readonly Part[],
  { slopes, dropSlopes, dropShares, power }: ColumnTotals,
): void {
  let squares = 0;
  for (let p = 0; p < parts.length; p++) {
    const { largest, sums, range: rowsOfPart } = parts[p]!;
    const [plain, sizes, placed] = sums as [Float32Array, Float32Array, Float32Array];
    const height = rowsOfPart.rowEnd - rowsOfPart.rowBegin;
    const scales = plan.scales[p]!;
    const inverse = inverseOf(scales);
    for (let row = 0; row < rows; row++) {
      const range = rangeOf(plan, p, largest[row]!);
      if (range === 0) continue;
      const perRange = 1 / range;
      for (let o = 0, at = row * outputs; o < outputs; o++, at++) {
        const slope = -dy[at]!;
        const perUnit = inverse[o]! * perRange;
        number[0] = plain[at]! * perUnit;
        const bin = sizeBin(asBits[0]!);
        const step = slope * scales[o]! * range;
        slopes[bin] = slopes[bin]! + (asBits[0]! < 0 ? -step : step);
        number[0] = height * sizes[at]! * perUnit;
        const current = sizeBin(asBits[0]!);
        dropSlopes[current] = dropSlopes[current]! + slope * placed[at]!;
        dropShares[current] = dropShares[current]! + plain[at]! * placed[at]!;
        squares += plain[at]! * plain[at]!;
      }
    }
  }
  power[0] = power[0]! + squares;
}

const zeros = (): ColumnTotals => ({
  squares: new Float64Array(SIZE_BINS),
  slopes: new Float64Array(SIZE_BINS),
  together: new Float64Array(PAIRS_OF_BINS),
  dropSlopes: new Float64Array(SIZE_BINS),
  dropShares: new Float64Array(SIZE_BINS),
  power: new Float64Array(1),
});

/** Adds the sums of another part of the text, in place. */
export function addColumns(to: ColumnTotals, from: ColumnTotals): void {
  for (const key of Object.keys(to) as (keyof ColumnTotals)[])
    for (let i = 0; i < to[key].length; i++) to[key][i] = to[key][i]! + from[key][i]!;
}

/** Means over predictions; shares of the power of all sums. */
export function meanColumns(
  { squares, slopes, together, dropSlopes, dropShares, power }: ColumnTotals,
  predictions: number,
): ColumnSums {
  const mean = (values: Float64Array): Float64Array => values.map((value) => value / predictions);
  return {
    squares: mean(squares),
    slopes: mean(slopes),
    together: mean(together),
    dropSlopes: mean(dropSlopes),
    dropShares: power[0]! > 0 ? dropShares.map((value) => value / power[0]!) : dropShares,
  };
}

/**
 * Diagonal Fisher information of every weight, output and input: what small errors there cost.
 *
 * Labels are drawn from the model itself, so that the mean square of the gradient is the curvature
 * of the expected loss. The labels of different tokens are independent; so the square of the
 * gradient of a whole window, with the errors of all its tokens added up first, has the sum over
 * labels of their squares as its mean.
 *
 * @source Amari, "Natural gradient works efficiently in learning", 1998; Kunstner et al.,
 *   "Limitations of the empirical Fisher approximation", arXiv 1905.12558 (why labels of the model).
 */
import { type WeightMatrix, weightMatrices } from "../model/matrix.ts";
import type { Projection } from "../numerics/engine.ts";
import type { DisposableProjection } from "../numerics/engines/reusable.ts";
import { uniformAt } from "../random/philox.ts";
import { reverseModel } from "../transformer/backward.ts";
import { type LabelOf, NO_LABEL, nextTokens } from "../transformer/backward-head.ts";
import { createReverseSpace } from "../transformer/backward-space.ts";
import { multiplyOn, type ReverseHooks, transpose } from "../transformer/backward-tools.ts";
import { batchOf, type TokenBatch, type TokenWindow } from "../transformer/batch.ts";
import type { ColumnPlan, ColumnSums, MatrixCurvature } from "../transformer/curvature.ts";
import type { Decoder } from "../transformer/decoder.ts";
import { addColumns, type ColumnTotals, createColumnTally, meanColumns } from "./column-tally.ts";
import { addCurvature, createCurvatureTally, toMeans } from "./curvature-tally.ts";

/** A model with its weights, and an engine's exact products. */
export interface FisherModel {
  readonly decoder: Decoder;
  /** In the order of `weightMatrices(workload)`. */
  readonly weights: readonly Float32Array[];
  readonly digital: (
    weights: Float32Array,
    outputs: number,
    inputs: number,
  ) => DisposableProjection;
}

/** Curvature of a model on a calibration text. */
export interface FisherInformation {
  /** Tokens that were predicted. */
  readonly predictions: number;
  /** Mean NLL of the text's own tokens. */
  readonly nll_nats: number;
  /** One entry a matrix; null for the embedding, which is a table and no product. */
  readonly matrices: readonly (MatrixCurvature | null)[];
  /** Of every plan, in their order. [plans][matrices] */
  readonly columns: readonly (readonly (ColumnSums | null)[])[];
}

/** What a pass over the text gathers. */
export interface Gathering {
  /** Of the labels; each depends on the number of its token alone. */
  readonly seed: number;
  /** Left out: true. Without, `matrices` are all null. */
  readonly curvature?: boolean;
  /** Kinds of tiles whose analog sums are looked at; left out: none. [plans][matrices] */
  readonly plans?: readonly (readonly (ColumnPlan | null)[])[];
}

/** Sums over a part of the windows: plain data, so that worker threads can send them. */
export interface FisherPart {
  readonly predictions: number;
  readonly nll_sum_nats: number;
  readonly matrices: readonly (MatrixCurvature | null)[];
  readonly columns: readonly (readonly (ColumnTotals | null)[])[];
}

/** Parts that a text is cut into: fixed, so that sums do not depend on the number of threads. */
const PARTS = 4;

/** First and last window + 1 of every part. */
export const partsOf = (windows: number): readonly (readonly [number, number])[] =>
  Array.from({ length: Math.min(PARTS, windows) }, (_, part, parts = Math.min(PARTS, windows)) => [
    Math.floor((part * windows) / parts),
    Math.floor(((part + 1) * windows) / parts),
  ]);

/**
 * @param windows of the calibration text
 * @param onProgress called after each window
 */
export function fisherInformation(
  model: FisherModel,
  windows: readonly TokenWindow[],
  gathering: Gathering,
  onProgress: () => void = () => {},
): FisherInformation {
  return mergeFisher(
    partsOf(windows.length).map(
      (part) => () => fisherPart(model, windows, part, gathering, onProgress),
    ),
  );
}

/** Adds parts up in their order; takes one after the other, so that few are in memory. */
export function mergeFisher(parts: readonly (() => FisherPart)[]): FisherInformation {
  let total: FisherPart | null = null;
  for (const part of parts) total = total === null ? part() : added(total, part());
  if (total === null || total.predictions === 0) throw new Error("no token was predicted");
  const { predictions, nll_sum_nats, matrices, columns } = total;
  return {
    predictions,
    nll_nats: nll_sum_nats / predictions,
    matrices: matrices.map((sums) => (sums === null ? null : toMeans(sums, predictions))),
    columns: columns.map((plan) =>
      plan.map((totals) => (totals === null ? null : meanColumns(totals, predictions))),
    ),
  };
}

function added(to: FisherPart, from: FisherPart): FisherPart {
  to.matrices.forEach((sums, id) => {
    if (sums !== null) addCurvature(sums, from.matrices[id]!);
  });
  to.columns.forEach((plan, p) => {
    plan.forEach((totals, id) => {
      if (totals !== null) addColumns(totals, from.columns[p]![id]!);
    });
  });
  return {
    predictions: to.predictions + from.predictions,
    nll_sum_nats: to.nll_sum_nats + from.nll_sum_nats,
    matrices: to.matrices,
    columns: to.columns,
  };
}

/** @param windows of the whole text, of which those of the part are run */
export function fisherPart(
  { decoder, weights, digital }: FisherModel,
  windows: readonly TokenWindow[],
  [first, last]: readonly [number, number],
  { seed, curvature = true, plans = [] }: Gathering,
  onProgress: () => void = () => {},
): FisherPart {
  const { workload } = decoder;
  const longest = windows.reduce((most, { tokens }) => Math.max(most, tokens.length), 0);
  const space = createReverseSpace(workload, longest, longest);
  const multiply = multiplyOn(digital);
  const matrices = weightMatrices(workload);
  const tally = curvature ? createCurvatureTally(matrices, windows.length, multiply) : null;
  const columns = createColumnTally(weights, digital, plans);
  const turned = createTransposedCache(weights, digital);
  const run = (batch: TokenBatch, labelOf: LabelOf, onProduct: ReverseHooks["onProduct"]) =>
    reverseModel(decoder, batch, labelOf, space, {
      transposed: turned.of,
      multiply,
      hooks: onProduct === undefined ? {} : { onProduct },
    });
  let [predictions, nll_sum_nats] = [0, 0];
  for (let w = first; w < last; w++) {
    const batch = batchOf([windows[w]!]);
    run(batch, sampled(batch, seed), (product) => {
      tally?.addSquares(product, w);
      columns.addSquares(product);
    });
    const own = run(batch, nextTokens(batch), (product) => {
      tally?.addSlopes(product);
      columns.addSlopes(product);
    });
    predictions += own.labels;
    nll_sum_nats -= own.logLikelihood_nats;
    onProgress();
  }
  turned.dispose();
  columns.dispose();
  return {
    predictions,
    nll_sum_nats,
    matrices: tally?.sums ?? matrices.map(() => null),
    columns: columns.totals,
  };
}

/** Labels drawn from the model's own probabilities; the last token of a window has none. */
export function sampled({ rowIds, windowBegin }: TokenBatch, seed: number): LabelOf {
  const last = new Set(windowBegin.map((begin) => begin - 1));
  return (row, probabilities, begin, count) => {
    if (last.has(row)) return NO_LABEL;
    const address = {
      seed,
      matrix: 0,
      block: 0,
      purpose: "calibration",
      row: rowIds[row]!,
    } as const;
    let left = uniformAt(address, 0);
    for (let token = 0; token < count; token++) {
      left -= probabilities[begin + token]!;
      if (left < 0) return token;
    }
    // The probabilities add up to one but for rounding.
    return count - 1;
  };
}

/** Transposed matrices on the engine, each made when it is first asked for. */
function createTransposedCache(
  weights: readonly Float32Array[],
  digital: FisherModel["digital"],
): { readonly of: (matrix: WeightMatrix) => Projection; readonly dispose: () => void } {
  const made = new Map<number, DisposableProjection>();
  return {
    of: ({ id, outputs, inputs }) => {
      const known = made.get(id);
      if (known !== undefined) return known;
      const turned = new Float32Array(outputs * inputs);
      transpose(weights[id]!, outputs, inputs, turned);
      const projection = digital(turned, inputs, outputs);
      made.set(id, projection);
      return projection;
    },
    dispose: () => {
      for (const projection of made.values()) projection.dispose();
    },
  };
}

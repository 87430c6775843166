/** Sensitivities of a whole model on a kind of tile. */
import type { AnalogTile } from "../model/arch.ts";
import { ALWAYS_DIGITAL, type WeightMatrix } from "../model/matrix.ts";
import { rowRanges } from "../numerics/ranges.ts";
import { scaleBlock } from "../numerics/scaling.ts";
import type { ColumnPlan, ColumnSums, MatrixCurvature } from "../transformer/curvature.ts";
import { blocksOn } from "./evaluator.ts";
import { errorModel, type PredictedRise, predictRise } from "./predict-rise.ts";
import { type MatrixSensitivity, sensitivityOf } from "./predict-sensitivity.ts";

/** A model with its curvature, each in the order of `weightMatrices(workload)`. */
export interface CurvedModel {
  readonly matrices: readonly WeightMatrix[];
  readonly weights: readonly Float32Array[];
  /** From `fisherInformation`. */
  readonly curvature: readonly (MatrixCurvature | null)[];
  /** The same, of the plan of the kind of tile: of `columnPlans`. */
  readonly columns: readonly (ColumnSums | null)[];
}

/**
 * The plan of every matrix on a kind of tile; null for those that are digital anyway.
 *
 * @param ranges input ranges of every matrix, from `calibrateRanges`
 */
export function columnPlans(
  { matrices, weights }: Pick<CurvedModel, "matrices" | "weights">,
  tile: AnalogTile,
  ranges: readonly (ArrayLike<number> | null)[],
): readonly (ColumnPlan | null)[] {
  return matrices.map((matrix) => {
    if (ALWAYS_DIGITAL.includes(matrix.module)) return null;
    const blocks = blocksOn(tile, matrix);
    const rows = rowRanges(blocks);
    const scales = rows.map(() => new Float32Array(matrix.outputs));
    for (const block of blocks) {
      const part = rows.findIndex(({ rowBegin }) => rowBegin === block.rowBegin);
      const { weight_scaling } = tile.numerics;
      const { scale } = scaleBlock(weights[matrix.id]!, matrix.inputs, block, weight_scaling, 1);
      scales[part]!.set(scale, block.colBegin);
    }
    return { rows, scales, ranges: ranges[matrix.id]! };
  });
}

/**
 * The sensitivity of every matrix on a kind of tile; null for those that are digital anyway.
 *
 * @param ranges input ranges of every matrix, from `calibrateRanges`
 */
export function sensitivities(
  { matrices, weights, curvature, columns }: CurvedModel,
  tile: AnalogTile,
  ranges: readonly (ArrayLike<number> | null)[],
): readonly (MatrixSensitivity | null)[] {
  return matrices.map((matrix) => {
    const own = curvature[matrix.id] ?? null;
    const sums = columns[matrix.id] ?? null;
    if (own === null || sums === null) return null;
    return sensitivityOf({
      weights: weights[matrix.id]!,
      matrix,
      curvature: own,
      columns: sums,
      blocks: blocksOn(tile, matrix),
      scaling: tile.numerics.weight_scaling,
      inputRanges: ranges[matrix.id]!,
    });
  });
}

/** The predicted rise of every matrix on a kind of tile; null for those that are digital anyway. */
export function predictRises(
  model: CurvedModel,
  tile: AnalogTile,
  ranges: readonly (ArrayLike<number> | null)[],
  noise_scale: number,
  age_s = 0,
): readonly (PredictedRise | null)[] {
  const errors = errorModel(tile, noise_scale, age_s);
  return sensitivities(model, tile, ranges).map((own) =>
    own === null ? null : predictRise(own, errors),
  );
}

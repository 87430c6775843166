/**
 * Input ranges that a checkpoint brings along: DAC full scales that were learned with the weights.
 *
 * A matrix whose weights are `NAME.weight` has them as `NAME.input_range`, [row ranges][2]: the
 * first input after a row range, and the full scale of its inputs.
 */
import type { WeightMatrix } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import { decodeTensor } from "./decode-tensor.ts";
import type { FamilyNames } from "./names/family.ts";
import type { StoredTensor } from "./safetensors.ts";

/** Full scale of the inputs from the end of the range before up to `rowEnd`. */
export interface StoredRange {
  readonly rowEnd: number;
  readonly range: number;
}

/** Name of the tensor with the weights of a matrix of its own; null: it is part of a larger one. */
export function weightName(
  names: FamilyNames,
  matrix: WeightMatrix,
  workload: Workload,
): string | null {
  const place = names
    .matrix(matrix, workload)
    .find(({ expert, take }) => expert < 0 && take === "all");
  return place?.tensor ?? null;
}

export const rangeName = (weights: string): string =>
  weights.replace(/(\.weight)?$/, ".input_range");

/** The ranges of a matrix; null: none are stored, or they make no sense. */
export async function readStoredRanges(
  tensors: ReadonlyMap<string, StoredTensor>,
  weights: string | null,
  inputs: number,
): Promise<readonly StoredRange[] | null> {
  const tensor = weights === null ? undefined : tensors.get(rangeName(weights));
  if (tensor === undefined || tensor.shape.length !== 2 || tensor.shape[1] !== 2) return null;
  const values = await decodeTensor(tensor);
  const ranges = Array.from({ length: values.length / 2 }, (_, i) => ({
    rowEnd: values[2 * i]!,
    range: values[2 * i + 1]!,
  }));
  const rises = ranges.every(({ rowEnd }, i) => rowEnd > (ranges[i - 1]?.rowEnd ?? 0));
  const isSound = ranges.every(({ range }) => range > 0 && range < Number.POSITIVE_INFINITY);
  return rises && isSound && ranges.at(-1)?.rowEnd === inputs ? ranges : null;
}

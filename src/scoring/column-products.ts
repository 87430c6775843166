/** Products with row ranges of matrices, as crossbars hold them, without errors. */
import type { DisposableProjection } from "../numerics/engines/reusable.ts";
import { placeWeight } from "../numerics/periphery/ir-drop.ts";
import type { RowRange } from "../numerics/ranges.ts";
import type { ReversedProduct } from "../transformer/backward-tools.ts";

export type Digital = (
  weights: Float32Array,
  outputs: number,
  inputs: number,
) => DisposableProjection;

/** sum w x; sum |w x|; sum w x weighted by how far a row is from the ADC. */
export type Kind = "plain" | "sizes" | "placed";

/** Products with parts of matrices, each made when it is first asked for. */
export function createProducts(weights: readonly Float32Array[], digital: Digital) {
  const made = new Map<string, DisposableProjection>();
  return {
    of: (
      { matrix: { id, inputs, outputs } }: ReversedProduct,
      range: RowRange,
      kind: Kind,
    ): DisposableProjection => {
      const key = `${id} ${range.rowBegin} ${range.rowEnd} ${kind}`;
      const known = made.get(key);
      if (known !== undefined) return known;
      const part = partOf(weights[id]!, inputs, outputs, range, kind);
      const projection = digital(part, outputs, range.rowEnd - range.rowBegin);
      made.set(key, projection);
      return projection;
    },
    dispose: () => {
      for (const projection of made.values()) projection.dispose();
    },
  };
}

/** @returns [outputs][rows of the range] */
function partOf(
  weights: Float32Array,
  inputs: number,
  outputs: number,
  { rowBegin, rowEnd }: RowRange,
  kind: Kind,
): Float32Array {
  const width = rowEnd - rowBegin;
  const part = new Float32Array(outputs * width);
  for (let o = 0; o < outputs; o++)
    for (let k = 0; k < width; k++) {
      const weight = weights[o * inputs + rowBegin + k]!;
      part[o * width + k] =
        kind === "plain"
          ? weight
          : kind === "sizes"
            ? Math.abs(weight)
            : weight * placeWeight(k, width);
    }
  return part;
}

/** Applies products to the inputs of a row range; a slot's result holds until it is used again. */
export function createSums() {
  let inputs = new Float32Array(0);
  const results: Float32Array[] = [];
  return (
    projection: DisposableProjection,
    { x, rows, rowIds, matrix }: ReversedProduct,
    { rowBegin, rowEnd }: RowRange,
    kind: Kind,
    slot: number,
  ): Float32Array => {
    const width = rowEnd - rowBegin;
    const size = rows * matrix.outputs;
    if ((results[slot]?.length ?? 0) < size) results[slot] = new Float32Array(size);
    const result = results[slot]!.subarray(0, size);
    if (inputs.length < rows * width) inputs = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++)
      for (let k = 0; k < width; k++) {
        const value = x[row * matrix.inputs + rowBegin + k]!;
        inputs[row * width + k] = kind === "sizes" ? Math.abs(value) : value;
      }
    projection.apply(inputs.subarray(0, rows * width), rows, rowIds, result);
    return result;
  };
}

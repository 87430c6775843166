/** How wrong one matrix product is under a nonideality: what makes them comparable. */
import { splitIntoBlocks, weightsPerCrossbar } from "../../mapping/split.ts";
import type { AnalogTile } from "../../model/arch.ts";
import type { WeightMatrix } from "../../model/matrix.ts";
import { createRangeCollector } from "../../numerics/calibrate.ts";
import type { ReusableEngine } from "../../numerics/engines/reusable.ts";
import { createTileProjection, requestOfTile } from "../../numerics/tile.ts";
import { fillNormals } from "../../random/philox.ts";

/** A product that fills the crossbar: normal weights, normal inputs. */
export interface StandardProduct {
  readonly matrix: WeightMatrix;
  /** [outputs][inputs] */
  readonly weights: Float32Array;
  /** [rows][inputs] */
  readonly x: Float32Array;
  readonly rows: number;
}

const WEIGHT_SEED = 1;

/** @param rows input vectors */
export function standardProduct(
  { crossbar }: Pick<AnalogTile, "crossbar">,
  rows: number,
): StandardProduct {
  const { rows: inputs, cols: outputs } = weightsPerCrossbar(crossbar);
  const draw = (length: number, block: number): Float32Array => {
    const values = new Float32Array(length);
    fillNormals(values, { seed: WEIGHT_SEED, matrix: 0, block, purpose: "calibration", row: 0 });
    return values;
  };
  return {
    matrix: { id: 0, layer: 0, module: "expert", expert: 0, part: "up", inputs, outputs },
    weights: draw(outputs * inputs, 0),
    x: draw(rows * inputs, 1),
    rows,
  };
}

/**
 * |y - W x| over |W x|, Frobenius norms over vectors and outputs, for one programming.
 *
 * Input ranges are those that the tile's own rule takes from the same inputs.
 *
 * @source Rasch et al., Nature Communications 14:5282 (2023), relative MVM error; the weights and
 *   inputs of this product are our choice.
 */
export function mvmError(
  tile: AnalogTile,
  product: StandardProduct,
  engine: ReusableEngine,
  programming: { readonly seed: number; readonly age_s: number },
): number {
  const { matrix, weights, x, rows } = product;
  const blocks = splitIntoBlocks(
    { rows: matrix.inputs, cols: matrix.outputs },
    weightsPerCrossbar(tile.crossbar),
  );
  const collector = createRangeCollector(tile.numerics.input_range, blocks, matrix.inputs);
  collector.add(x, rows);
  const analog = createTileProjection(engine, {
    weights,
    matrix,
    blocks,
    ...requestOfTile(tile),
    inputRanges: collector.ranges(),
    noise_scale: 1,
    ...programming,
  });
  const digital = engine.digital(weights, matrix.outputs, matrix.inputs);
  const rowIds = Uint32Array.from({ length: rows }, (_, i) => i);
  const [y, exact] = [analog, digital].map((projection) => {
    const out = new Float32Array(rows * matrix.outputs);
    projection.apply(x, rows, rowIds, out);
    projection.dispose();
    return out;
  });
  return relativeError(y!, exact!);
}

function relativeError(y: Float32Array, exact: Float32Array): number {
  let [error, power] = [0, 0];
  for (let i = 0; i < exact.length; i++) {
    error += (y[i]! - exact[i]!) ** 2;
    power += exact[i]! ** 2;
  }
  return Math.sqrt(error / power);
}

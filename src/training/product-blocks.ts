/** Products as matrices on a kind of tile. */
import { splitIntoBlocks, weightsPerCrossbar } from "../mapping/split.ts";
import type { AnalogTile } from "../model/arch.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { BlockRange } from "../numerics/ranges.ts";
import type { Network, Product } from "./network.ts";

/** Blocks of a product on a kind of tile, as `mapping` cuts it. */
export const blocksOfProduct = (
  { crossbar }: Pick<AnalogTile, "crossbar">,
  { inputs, outputs }: Product,
): readonly BlockRange[] =>
  splitIntoBlocks({ rows: inputs, cols: outputs }, weightsPerCrossbar(crossbar));

/** How numerics names it; `id` is the address of its noise. */
export const matrixOfProduct = ({ inputs, outputs }: Product, id: number): WeightMatrix => ({
  ...{ id, inputs, outputs },
  module: "dense",
  part: "weight",
  layer: -1,
  expert: -1,
});

/** Products on crossbars. @param names left out: all that may be */
export const analogProducts = (
  { products }: Network,
  names?: ReadonlySet<string>,
): readonly Product[] =>
  products.filter(({ name, mayBeAnalog }) => mayBeAnalog && (names?.has(name) ?? true));

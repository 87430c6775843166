/** All analog products of a network on the crossbars of one training step. */
import * as tf from "@tensorflow/tfjs-core";
import { type SettledRecipe, settledRecipe } from "../model/training-defaults.ts";
import type { Periphery } from "../numerics/engine.ts";
import type { ReusableEngine } from "../numerics/engines/reusable.ts";
import type { BlockRange } from "../numerics/ranges.ts";
import { readSlice } from "./analog-read.ts";
import { observeInputs } from "./input-ranges.ts";
import type { Execute, Network, ParameterOf, ParameterValues, Product } from "./network.ts";
import { digitally, valuesFor, weightName } from "./parameter-tensors.ts";
import { analogProducts, blocksOfProduct, matrixOfProduct } from "./product-blocks.ts";
import { emptyTally, type RangeTally } from "./range-tally.ts";
import { disposeSlices, type RowSlice, rowSlices } from "./row-slice.ts";
import type { Hardware } from "./session.ts";
import { stepMatrix, type TrainingTile, trainingTile } from "./step-matrix.ts";
import { viewOf } from "./tensors.ts";

/** What stays the same from step to step. */
export interface HardwareSetting {
  readonly recipe: SettledRecipe;
  readonly tile: TrainingTile;
  readonly products: readonly Product[];
  readonly blocks: ReadonlyMap<string, readonly BlockRange[]>;
  /** Products of the network, analog or not: part of the noise's address. */
  readonly productCount: number;
  readonly seed: number;
  readonly engine: ReusableEngine;
}

export function hardwareSetting(
  network: Network,
  hardware: Hardware,
  seed: number,
  engine: ReusableEngine,
): HardwareSetting {
  const products = analogProducts(network, hardware.analog);
  const recipe = settledRecipe(hardware.recipe);
  return {
    recipe,
    products,
    ...{ seed, engine, productCount: network.products.length },
    tile: trainingTile(hardware.tile, recipe.forward),
    blocks: new Map(products.map((p) => [p.name, blocksOfProduct(hardware.tile, p)])),
  };
}

/** A product as programmed for one step. */
interface StepProduct {
  readonly slices: readonly RowSlice[];
  readonly periphery: Periphery;
  /** Full scales, one a slice. */
  readonly ranges: Float32Array;
  readonly tallies: readonly RangeTally[];
  /** Address of its noise. */
  readonly matrix: number;
  calls: number;
}

export interface HardwareStep {
  readonly executeOn: (parameterOf: ParameterOf) => Execute;
  /** What the step has seen of the inputs of each product, one a row range. */
  readonly tallies: ReadonlyMap<string, readonly RangeTally[]>;
  readonly dispose: () => void;
}

/**
 * Programs all analog products with the noise of a step.
 *
 * Noise has the address (seed, (step + 1) products + product): that of no other step, nor of an
 * evaluation with the same seed.
 *
 * @param share of the weight noise: the ramp
 */
export function openStep(
  setting: HardwareSetting,
  values: ParameterValues,
  ranges: ReadonlyMap<string, Float32Array>,
  step: number,
  share: number,
): HardwareStep {
  const programmed = new Map(
    setting.products.map((product) => [
      product.name,
      programForStep(setting, product, values, ranges.get(product.name)!, step, share),
    ]),
  );
  return {
    executeOn: (parameterOf) => {
      const digital = digitally(parameterOf);
      return (product, x) => {
        const read = programmed.get(product.name);
        if (read === undefined) return digital(product, x);
        const weight = parameterOf(weightName(product)) as tf.Tensor2D;
        return readProduct(setting, step, read, x, weight);
      };
    },
    tallies: new Map([...programmed].map(([name, { tallies }]) => [name, tallies])),
    dispose: () => {
      for (const { slices } of programmed.values()) disposeSlices(slices);
    },
  };
}

function programForStep(
  { recipe, tile, blocks, productCount, seed, engine }: HardwareSetting,
  product: Product,
  values: ParameterValues,
  ranges: Float32Array,
  step: number,
  share: number,
): StepProduct {
  const matrix = (step + 1) * productCount + product.id;
  const { weight_noise, drop_connect_frac } = recipe;
  const programmed = stepMatrix(
    {
      ...tile,
      weights: valuesFor(values, weightName(product)),
      matrix: matrixOfProduct(product, matrix),
      blocks: blocks.get(product.name)!,
      inputRanges: ranges,
      seed,
    },
    { weight_noise, drop_connect_frac, share },
    engine,
  );
  const slices = rowSlices(programmed);
  const tallies = slices.map(emptyTally);
  return { slices, periphery: programmed.periphery, ranges, tallies, matrix, calls: 0 };
}

/** The sum over row ranges. */
function readProduct(
  { recipe, tile, seed, engine }: HardwareSetting,
  step: number,
  product: StepProduct,
  x: tf.Tensor2D,
  weight: tf.Tensor2D,
): tf.Tensor2D {
  const { slices, periphery, ranges, tallies, matrix } = product;
  const row = product.calls++;
  const observes = step < recipe.input_range.initial_steps;
  const inputNoise = tile.numerics.periphery?.input_noise_std ?? 0;
  const parts = slices.map((slice, block) => {
    const inputs = columns(x, slice);
    const tally = tallies[block]!;
    if (observes) observeInputs(viewOf(inputs), tally);
    return readSlice(inputs, columns(weight, slice), {
      ...{ slice, periphery, inputNoise, range: ranges[block]!, tally },
      normals: (count, purpose) => {
        const z = new Float32Array(count);
        engine.fillNormals(z, { seed, matrix, block, purpose, row });
        return z;
      },
    });
  });
  return parts.length === 1 ? parts[0]! : tf.addN(parts);
}

function columns(matrix: tf.Tensor2D, { rowBegin, rowEnd }: RowSlice): tf.Tensor2D {
  const [rows, cols] = matrix.shape;
  if (rowBegin === 0 && rowEnd === cols) return matrix;
  return tf.slice(matrix, [0, rowBegin], [rows, rowEnd - rowBegin]);
}

import type { AnalogTile } from "../model/arch.ts";
import { ALWAYS_DIGITAL, weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import { createRangeCollector } from "../numerics/calibrate.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import type { Decoder } from "../transformer/decoder.ts";
import type { Hooks } from "../transformer/hooks.ts";
import { blocksOn, type MatrixRanges } from "./evaluator.ts";
import { forEachPrediction } from "./predictions.ts";

/**
 * Runs a calibration text through the all-digital model and collects the input ranges of every
 * matrix that may be analog, for every kind of tile.
 */
export function calibrateRanges(
  decoder: Decoder,
  tiles: readonly AnalogTile[],
  windows: readonly TokenWindow[],
): MatrixRanges {
  const collectors = createRangeCollectors(decoder.workload, tiles);
  forEachPrediction(decoder, windows, () => {}, collectors.hooks);
  return collectors.ranges();
}

/** Hooks that see the inputs of an all-digital run, and what they saw. */
export function createRangeCollectors(
  workload: Workload,
  tiles: readonly AnalogTile[],
): { readonly hooks: Hooks; readonly ranges: () => MatrixRanges } {
  const matrices = weightMatrices(workload);
  const collectors = tiles.map((tile) =>
    matrices.map((matrix) =>
      ALWAYS_DIGITAL.includes(matrix.module)
        ? null
        : createRangeCollector(tile.numerics.input_range, blocksOn(tile, matrix), matrix.inputs),
    ),
  );
  return {
    hooks: {
      onInputs: ({ id }, x, rows) => {
        for (const ofKind of collectors) ofKind[id]?.add(x, rows);
      },
    },
    ranges: () =>
      collectors.map((ofKind) => ofKind.map((collector) => collector?.ranges() ?? null)),
  };
}

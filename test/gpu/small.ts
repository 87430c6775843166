/** A model that software can play on a GPU in seconds, and what it is asked. */
import { readFileSync } from "node:fs";
import { calibrateRanges } from "../../src/accuracy/calibrate-ranges.ts";
import type { WeightSource } from "../../src/accuracy/stream-model.ts";
import type { GpuPlan } from "../../src/gpu/evaluate.ts";
import type { AnalogTile } from "../../src/model/arch.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import { plainDecoder, randomWeights, randomWindows, SMALL } from "../transformer/random-model.ts";

export const weights = randomWeights(SMALL, 3);
const windows = randomWindows(SMALL, [30, 17, 1], 5);
const arch: { readonly tiles: readonly AnalogTile[] } = JSON.parse(
  readFileSync("arch/hetero-pcm.json", "utf8"),
);
const first = arch.tiles[0]!;
/** The first kind of tile of the preset, on crossbars that cut the small matrices. */
export const tile: AnalogTile = {
  ...first,
  crossbar: { ...first.crossbar, rows: 8, cols: 8 },
};

export const plan: GpuPlan = {
  workload: SMALL,
  tiles: [tile],
  ranges: calibrateRanges(plainDecoder(SMALL, weights), [tile], windows),
  windows,
  pairs: windows.slice(0, 2).map((window, i) => ({
    ...window,
    ...{ item: 0, isRight: i === 0, firstCounted: 1, divisor: 1 },
  })),
  noise_scale: 1,
  age_s: 0,
};

export const source: WeightSource = {
  matrix: async (m) => weights.matrices[m.id]!,
  norms: async (layer) => weights.norms[layer]!,
  finalNorm: async () => weights.finalNorm,
};

/** Kind 0 where it is true, else digital. */
export const kinds = (
  isAnalog: (m: ReturnType<typeof weightMatrices>[number]) => boolean,
): Int32Array => Int32Array.from(weightMatrices(SMALL), (m) => (isAnalog(m) ? 0 : -1));

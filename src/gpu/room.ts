/** How much fits at once: rows that go through a layer together, tasks that go side by side. */
import type { AccuracyTask } from "../accuracy/evaluator.ts";
import type { AnalogTile } from "../model/arch.ts";
import { weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import type { Recorder } from "./recorder.ts";

export const tokensIn = (windows: readonly TokenWindow[]): number =>
  windows.reduce((sum, w) => sum + w.tokens.length, 0);

/** Extra sums for each output of a matrix of so many inputs. */
export type Sums = (inputs: number) => number;

/** Sums of IR drop and read noise, one for each row of crossbars. */
export function sumsOf(tiles: readonly Pick<AnalogTile, "crossbar" | "numerics">[]): Sums {
  return (inputs) =>
    tiles.reduce((most, { crossbar, numerics: { ir_drop, read_noise } }) => {
      const kinds = (ir_drop ? 2 : 0) + (read_noise ? 1 : 0);
      return Math.max(most, kinds * Math.ceil(inputs / crossbar.rows));
    }, 0);
}

/** One for every 256 inputs: no smaller crossbars, and one kind. */
const USUAL_SUMS: Sums = (inputs) => Math.ceil(inputs / 256);

/** Columns that outputs are padded to. */
const PADDING = 64;

/**
 * Sums lie by tiles, whose last rows may be empty: tiles of 64 rows are for experts with at least 48
 * rows on average, and each expert has at most one tile more than its rows fill.
 */
const TILE_PADDING = 1 + 64 / 48;

/** No buffer of a chunk may be larger than the adapter binds. */
export function chunkRows(
  { gpu }: Recorder,
  workload: Workload,
  wanted: number,
  sums: Sums = USUAL_SUMS,
): number {
  const slots = Math.max(1, workload.moe.active_experts);
  let widest = 0;
  for (const { module, layer, inputs, outputs } of weightMatrices(workload)) {
    if (layer < 0) continue;
    const padded = PADDING * Math.ceil(outputs / PADDING);
    const own = Math.max(inputs, outputs, padded * sums(inputs) * TILE_PADDING);
    widest = Math.max(widest, 4 * (module === "expert" ? slots : 1) * own);
  }
  const most = Math.floor(gpu.device.limits.maxStorageBufferBindingSize / widest);
  return Math.max(1, Math.min(wanted, most));
}

/** Of one weight in its planes, with room for padding. */
const PLANE_B = 3;

/** Tasks whose residual streams and weights fit side by side, and whose parts fit a buffer. */
export function inPasses(
  recorder: Recorder,
  tasks: readonly AccuracyTask[],
  workload: Workload,
  windows: readonly TokenWindow[],
  memory_B: number,
  sums: Sums,
): readonly (readonly AccuracyTask[])[] {
  const layers = new Map<number, number>();
  const products = new Map<string, number>();
  for (const { layer, module, part, inputs, outputs } of weightMatrices(workload)) {
    const product = `${layer} ${module} ${part}`;
    layers.set(layer, (layers.get(layer) ?? 0) + inputs * outputs);
    products.set(product, (products.get(product) ?? 0) + inputs * outputs);
  }
  const each_B =
    4 * tokensIn(windows) * workload.hidden_features + 6 * Math.max(...layers.values());
  // Planes of one product's matrices are one buffer; a window is not divided.
  const planes_B = PLANE_B * Math.max(...products.values());
  const { maxStorageBufferBindingSize: most_B } = recorder.gpu.device.limits;
  const longest = windows.reduce((most, { tokens }) => Math.max(most, tokens.length), 1);
  const rows = chunkRows(recorder, workload, Number.POSITIVE_INFINITY, sums);
  const variants = Math.floor(Math.min(memory_B / each_B, most_B / planes_B, rows / longest));
  // One of them is the model that the others are compared with.
  const perPass = Math.max(1, variants - 1);
  const passes: AccuracyTask[][] = [];
  for (let i = 0; i < tasks.length; i += perPass) passes.push(tasks.slice(i, i + perPass));
  return passes;
}

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

/** Columns that outputs are padded to. */
const PADDING = 64;
/** Sums lie by tiles of at most so many rows; every expert may leave its last one nearly empty. */
const TILE_ROWS = 64;

/** No buffer of a chunk may be larger than the adapter binds. @param wanted rows of all variants */
export function chunkRows(
  { gpu }: Recorder,
  workload: Workload,
  wanted: number,
  sums: Sums,
  variants: number,
): number {
  const { experts, active_experts } = workload.moe;
  const most_B = gpu.device.limits.maxStorageBufferBindingSize;
  let rows = wanted;
  for (const { module, layer, inputs, outputs } of weightMatrices(workload)) {
    if (layer < 0) continue;
    const slots = module === "expert" ? Math.max(1, active_experts) : 1;
    const groups = variants * (module === "expert" ? Math.max(1, experts) : 1);
    rows = Math.min(rows, most_B / 4 / slots / Math.max(inputs, outputs));
    const sums_B = 4 * sums(inputs) * PADDING * Math.ceil(outputs / PADDING);
    if (sums_B > 0) rows = Math.min(rows, (most_B / sums_B - groups * TILE_ROWS) / slots);
  }
  return Math.max(1, Math.floor(rows));
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
  let variants = Math.floor(Math.min(memory_B / each_B, most_B / planes_B, tasks.length + 1));
  const rows = (): number => chunkRows(recorder, workload, Infinity, sums, variants);
  while (variants > 1 && rows() < longest * variants) variants--;
  // One of them is the model that the others are compared with.
  const perPass = Math.max(1, variants - 1);
  const passes: AccuracyTask[][] = [];
  for (let i = 0; i < tasks.length; i += perPass) passes.push(tasks.slice(i, i + perPass));
  return passes;
}

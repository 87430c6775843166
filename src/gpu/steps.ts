/** The dispatches between the products. */
import type { Workload } from "../model/workload.ts";
import { headAttention } from "../transformer/supported.ts";
import type { Chunk } from "./chunk.ts";
import type { GpuContext } from "./context.ts";
import type { Recorder } from "./recorder.ts";
import { type AttentionTile, attentionShader, QUERIES } from "./shaders/attention.ts";
import { CHOOSE, PLACE, SCAN } from "./shaders/router.ts";
import { EMBED, LINE, LOSS, RMS_NORM, ROTATE, SCATTER, SWIGLU } from "./shaders/rows.ts";

/** Workgroups in lines of `LINE`. */
const inLines = (count: number): readonly [number, number, number] => [
  Math.min(count, LINE),
  Math.ceil(count / LINE),
  1,
];

function parameters(u: readonly number[], f0 = 0): Uint32Array {
  const words = new Uint32Array(8);
  words.set(u);
  new Float32Array(words.buffer)[4] = f0;
  return words;
}

export function embed(
  recorder: Recorder,
  { hidden_features: features }: Workload,
  table: GPUBuffer,
  { rows, tokens, hidden }: Chunk,
): void {
  const bindings = { 1: tokens, 2: table, 3: hidden };
  recorder.dispatch("embed", () => EMBED, parameters([features, rows]), bindings, inLines(rows));
}

/** @param first row of x that y begins with */
export function normalise(
  recorder: Recorder,
  { hidden_features: features, norm }: Workload,
  x: GPUBuffer,
  weight: GPUBuffer,
  rows: number,
  y: GPUBuffer,
  first = 0,
): void {
  const values = parameters([features, rows, first], norm.epsilon);
  recorder.dispatch("norm", () => RMS_NORM, values, { 1: x, 2: weight, 3: y }, inLines(rows));
}

/** Norm of queries or keys, if there is one, and their rotary position. */
export function rotate(
  recorder: Recorder,
  workload: Workload,
  { rows, positions, rotary }: Chunk,
  x: GPUBuffer,
  heads: number,
  norm: GPUBuffer | null,
): void {
  const { head_features } = headAttention(workload);
  const u = [heads * head_features, rows, head_features, norm === null ? 0 : 1];
  const values = parameters(u, workload.norm.epsilon);
  const bindings = { 1: norm ?? rotary, 2: positions, 3: rotary, 4: x };
  recorder.dispatch("rotate", () => ROTATE, values, bindings, inLines(rows));
}

/** Keys of a tile, by what workgroup memory holds. */
export function attentionTile(workload: Workload, { device }: GpuContext): AttentionTile {
  const width = headAttention(workload).head_features;
  const queries = QUERIES;
  const most = device.limits.maxComputeWorkgroupStorageSize;
  const fits = (keys: number): boolean =>
    4 * ((queries + keys) * (width + 1) + queries * keys + 3 * queries) <= most;
  return { width, queries, keys: [32, 16, 8, 4, 2].find(fits) ?? 1 };
}

export function attend(
  recorder: Recorder,
  workload: Workload,
  { attention: { tiles, count } }: Chunk,
  io: Readonly<Record<"queries" | "keys" | "values" | "attended", GPUBuffer>>,
  tile: AttentionTile,
): void {
  const { heads, kv_heads, head_features } = headAttention(workload);
  recorder.dispatch(
    `attention ${JSON.stringify(tile)}`,
    () => attentionShader(tile),
    parameters([heads, kv_heads], 1 / Math.sqrt(head_features)),
    { 1: io.queries, 2: io.keys, 3: io.values, 4: tiles, 5: io.attended },
    [count, heads, 1],
  );
}

/** Router logits to chosen experts, their weights, and the plan of the experts' products. */
export function chooseExperts(
  recorder: Recorder,
  { moe }: Workload,
  { rows, plan, routed }: Chunk,
  logits: GPUBuffer,
): void {
  const { chosen, gateWeights, counts, cursors, places, groups, tileRows } = routed;
  const to = routed.plan;
  const values = Uint32Array.of(
    ...[rows, moe.experts, moe.active_experts, groups],
    ...[tileRows, to.tilesAt, to.rowsAt, to.rowIdsAt],
    ...[to.groupsAt, plan.rowIdsAt, plan.groupsAt, 0],
  );
  recorder.clear(counts);
  recorder.dispatch(
    "choose",
    () => CHOOSE,
    values,
    { 1: logits, 2: plan.buffer, 3: chosen, 4: gateWeights, 5: counts },
    inLines(Math.ceil(rows / 64)),
  );
  recorder.dispatch("scan", () => SCAN, values, { 1: counts, 2: cursors, 3: to.buffer }, [1, 1, 1]);
  recorder.dispatch(
    "place",
    () => PLACE,
    values,
    { 1: chosen, 2: plan.buffer, 3: cursors, 4: to.buffer, 5: places },
    inLines(Math.ceil((rows * moe.active_experts) / 64)),
  );
}

export function scatter(
  recorder: Recorder,
  { hidden_features, moe }: Workload,
  { rows, hidden, routed }: Chunk,
  downs: GPUBuffer,
): void {
  recorder.dispatch(
    "scatter",
    () => SCATTER,
    parameters([hidden_features, rows, moe.active_experts]),
    { 1: routed.chosen, 2: routed.gateWeights, 3: routed.places, 4: downs, 5: hidden },
    inLines(rows),
  );
}

export function swiglu(recorder: Recorder, gate: GPUBuffer, up: GPUBuffer, count: number): void {
  const groups = inLines(Math.ceil(count / 256));
  recorder.dispatch("swiglu", () => SWIGLU, parameters([count]), { 1: up, 2: gate }, groups);
}

/** @param reference logits of the all-digital model for the same rows; null: no divergence */
export function loss(
  recorder: Recorder,
  { vocabulary_tokens }: Workload,
  io: Readonly<Record<"logits" | "targets" | "results", GPUBuffer>>,
  reference: GPUBuffer | null,
  rows: number,
  first: number,
): void {
  recorder.dispatch(
    "loss",
    () => LOSS,
    parameters([vocabulary_tokens, rows, reference === null ? 0 : 1, first]),
    { 1: io.logits, 2: reference ?? io.logits, 3: io.targets, 4: io.results },
    inLines(rows),
  );
}

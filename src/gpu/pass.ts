/**
 * A whole decoder on the GPU, layer by layer: all windows of all variants go through a layer while
 * the residual stream stays on the GPU; only that layer's weights are there.
 */
import { type WeightMatrix, weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import type { LayerNorms } from "../transformer/decoder.ts";
import { requireSupported } from "../transformer/supported.ts";
import { type Chunk, createChunk, createRotary } from "./chunk.ts";
import { GpuError } from "./context.ts";
import { type GpuLayer, loadLayer, type MembersOf } from "./layer.ts";
import { densePlan, type Plan } from "./plan.ts";
import { createBuffer, type Recorder, upload } from "./recorder.ts";
import { MOST_CHOSEN } from "./shaders/router.ts";
import { createStage, type Stage } from "./stage.ts";
import { embed, loss, normalise } from "./steps.ts";
import type { Tiles } from "./tiles.ts";

/** What a pass needs of a model. */
export interface PassModel {
  readonly workload: Workload;
  readonly embedding: () => Promise<Float32Array>;
  readonly norms: (layer: number) => Promise<LayerNorms>;
  readonly finalNorm: () => Promise<Float32Array>;
  readonly membersOf: MembersOf;
}

export interface PassOptions {
  readonly variants: number;
  readonly tiles: Tiles;
  /** Most rows of a chunk, all variants together, unless a single window has more. */
  readonly chunkRows: number;
  /** Variant 0 is the all-digital model, against which divergences are taken. */
  readonly hasReference: boolean;
  /** Sees the choices of each layer for the rows of variant 0, by chunk: [rows][k]. */
  readonly onRouting?: (layer: number, rowIds: Uint32Array, chosen: Uint32Array) => void;
}

/** Of every row of a variant that predicts a token, in the order of the text. */
export interface Predictions {
  /** Which window it is in. */
  readonly windows: Int32Array;
  readonly nll_nats: Float32Array;
  /** 1: the target is the likeliest token. */
  readonly correct: Uint8Array;
  readonly kl_nats: Float32Array;
}

/** @returns predictions of each variant; @throws GpuError where another engine has to go on */
export async function runPass(
  recorder: Recorder,
  model: PassModel,
  windows: readonly TokenWindow[],
  options: PassOptions,
): Promise<readonly Predictions[]> {
  const { workload } = model;
  requireSupported(workload);
  if (workload.moe.active_experts > MOST_CHOSEN)
    throw new GpuError(`${workload.moe.active_experts} experts a token; at most ${MOST_CHOSEN}`);
  const longest = windows.reduce((most, { tokens }) => Math.max(most, tokens.length), 0);
  const rotary = createRotary(recorder.gpu, workload, longest);
  const chunks = cutIntoChunks(recorder, workload, windows, options, rotary);
  try {
    await enter(recorder, model, chunks);
    await passLayers(recorder, model, chunks, options);
    return await leave(recorder, model, chunks, options);
  } finally {
    for (const chunk of chunks) chunk.dispose();
    rotary.destroy();
  }
}

function cutIntoChunks(
  { gpu }: Recorder,
  workload: Workload,
  windows: readonly TokenWindow[],
  { variants, chunkRows, tiles }: PassOptions,
  rotary: GPUBuffer,
): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let first = 0;
  while (first < windows.length) {
    let last = first;
    let rows = 0;
    do rows += windows[last++]!.tokens.length * variants;
    while (last < windows.length && rows + windows[last]!.tokens.length * variants <= chunkRows);
    const own = windows.slice(first, last);
    chunks.push(createChunk(gpu, workload, own, first, variants, tiles.rows, rotary));
    first = last;
  }
  return chunks;
}

async function enter(
  recorder: Recorder,
  { workload, embedding }: PassModel,
  chunks: readonly Chunk[],
): Promise<void> {
  const table = upload(recorder.gpu, await embedding());
  for (const chunk of chunks) embed(recorder, workload, table, chunk);
  await recorder.finish();
  table.destroy();
}

/** The next layer is read, uploaded and packed while the GPU computes with this one. */
async function passLayers(
  recorder: Recorder,
  model: PassModel,
  chunks: readonly Chunk[],
  options: PassOptions,
): Promise<void> {
  const { workload, norms, membersOf } = model;
  const load = async (layer: number): Promise<GpuLayer> =>
    loadLayer(recorder, options.tiles, workload, layer, await norms(layer), membersOf);
  let layer = await load(0);
  for (let index = 0; index < workload.layers; index++) {
    let next: GpuLayer | null = null;
    try {
      for (const chunk of chunks) {
        layer.run(chunk);
        recorder.submit();
      }
      if (index + 1 < workload.layers) next = await load(index + 1);
      if (options.onRouting && !workload.dense_layers.includes(index))
        await readRouting(recorder, workload, index, chunks, options.onRouting);
      await recorder.finish();
    } catch (error) {
      next?.dispose();
      throw error;
    } finally {
      layer.dispose();
    }
    if (next !== null) layer = next;
  }
}

async function readRouting(
  recorder: Recorder,
  { moe }: Workload,
  layer: number,
  chunks: readonly Chunk[],
  onRouting: NonNullable<PassOptions["onRouting"]>,
): Promise<void> {
  for (const { each, routed, rowIds } of chunks) {
    const chosen = await recorder.read(routed.chosen, 4 * each * moe.active_experts);
    onRouting(layer, rowIds, new Uint32Array(chosen));
  }
}

/** Logits that are held at once. */
const LOGITS_B = 2 ** 28;

async function leave(
  recorder: Recorder,
  { workload, finalNorm, membersOf }: PassModel,
  chunks: readonly Chunk[],
  options: PassOptions,
): Promise<readonly Predictions[]> {
  const head: WeightMatrix = weightMatrices(workload).at(-1)!;
  const norm = upload(recorder.gpu, await finalNorm());
  const stage = createStage(recorder, options.tiles, head, await membersOf(head));
  const lists: Float32Array[][] = Array.from({ length: options.variants }, () => []);
  try {
    for (const chunk of chunks) {
      const results = createBuffer(recorder.gpu, 16 * chunk.rows);
      scoreChunk(recorder, workload, chunk, norm, stage, results, options);
      const values = new Float32Array(await recorder.read(results, 16 * chunk.rows));
      results.destroy();
      for (let v = 0; v < options.variants; v++)
        lists[v]!.push(values.subarray(4 * v * chunk.each, 4 * (v + 1) * chunk.each));
    }
  } finally {
    recorder.submit();
    stage.dispose();
    norm.destroy();
  }
  return lists.map((results) => gather(chunks, results));
}

function scoreChunk(
  recorder: Recorder,
  workload: Workload,
  chunk: Chunk,
  norm: GPUBuffer,
  stage: Stage,
  results: GPUBuffer,
  { variants, tiles, hasReference }: PassOptions,
): void {
  const { gpu } = recorder;
  const { vocabulary_tokens: vocabulary, hidden_features: features } = workload;
  const most = Math.max(1, Math.floor(LOGITS_B / 4 / vocabulary));
  const plans: Plan[] = [];
  for (let first = 0; first < chunk.each; first += most) {
    const rows = Math.min(most, chunk.each - first);
    const normed = recorder.scratch("normed", 4 * rows * features);
    const reference = recorder.scratch("reference logits", 4 * rows * vocabulary);
    for (let v = 0; v < variants; v++) {
      const isReference = hasReference && v === 0;
      const logits = isReference ? reference : recorder.scratch("logits", 4 * rows * vocabulary);
      const plan = densePlan(gpu, chunk.rowIds.subarray(first, first + rows), [v], tiles.rows);
      plans.push(plan);
      const at = v * chunk.each + first;
      normalise(recorder, workload, chunk.hidden, norm, rows, normed, at);
      stage.run({ x: normed, y: logits, plan });
      const io = { logits, targets: chunk.targets, results };
      loss(recorder, workload, io, hasReference && !isReference ? reference : null, rows, at);
    }
  }
  recorder.submit();
  for (const { buffer } of plans) buffer.destroy();
}

/** @throws Error if a number is not finite */
function gather(chunks: readonly Chunk[], results: readonly Float32Array[]): Predictions {
  const windows: number[] = [];
  const nll: number[] = [];
  const correct: number[] = [];
  const kl: number[] = [];
  chunks.forEach((chunk, c) => {
    let row = 0;
    chunk.windows.forEach(({ tokens }, w) => {
      for (let i = 0; i < tokens.length; i++, row++) {
        if (i + 1 === tokens.length) continue;
        const at = 4 * row;
        const value = results[c]![at]!;
        if (!Number.isFinite(value)) throw new Error("a logit is not finite");
        windows.push(chunk.firstWindow + w);
        nll.push(value);
        correct.push(results[c]![at + 1]!);
        kl.push(results[c]![at + 2]!);
      }
    });
  });
  return {
    windows: Int32Array.from(windows),
    nll_nats: Float32Array.from(nll),
    correct: Uint8Array.from(correct),
    kl_nats: Float32Array.from(kl),
  };
}

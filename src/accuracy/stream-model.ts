/**
 * A model that does not fit into memory, one layer at a time: all windows go through a layer, then
 * its matrices are let go of and the next layer is read.
 */
import { type WeightMatrix, weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import type { CausalAttention } from "../numerics/engine.ts";
import type { DisposableProjection } from "../numerics/engines/reusable.ts";
import { assembleLayer } from "../transformer/assemble.ts";
import { batchesOf, type TokenBatch, type TokenWindow } from "../transformer/batch.ts";
import type { LayerNorms } from "../transformer/decoder.ts";
import { type Hooks, NO_HOOKS } from "../transformer/hooks.ts";
import { embed, runLayer } from "../transformer/model.ts";
import { requireSupported } from "../transformer/supported.ts";
import { createWorkspace, type Workspace } from "../transformer/workspace.ts";
import { type Visit, visitBatch } from "./predictions.ts";

/** Tokens that go through a layer together. */
const BATCH_ROWS = 1024;

/** Where weights come from, one at a time. */
export interface WeightSource {
  /** [outputs][inputs]; the embedding [vocabulary][hidden] */
  readonly matrix: (matrix: WeightMatrix) => Promise<Float32Array>;
  readonly norms: (layer: number) => Promise<LayerNorms>;
  readonly finalNorm: () => Promise<Float32Array>;
}

/** How a streamed model computes. */
export interface StreamedModel {
  readonly workload: Workload;
  readonly source: WeightSource;
  /** Makes what computes a matrix; the weights may be dropped afterwards. */
  readonly project: (matrix: WeightMatrix, weights: Float32Array) => DisposableProjection;
  /** null: the one in TypeScript. */
  readonly attend: CausalAttention | null;
}

/** What goes through the layers. */
interface Flow {
  readonly batches: readonly TokenBatch[];
  /** Residual stream of each batch, [rows][hidden]. */
  readonly hidden: readonly Float32Array[];
  readonly space: Workspace;
}

/**
 * Runs all windows through a model and visits every prediction in the order of the text: the
 * numbers of `forEachPrediction` on the whole model, bit for bit.
 *
 * Holds one layer's projections, one matrix beside them, and the residual stream of all tokens.
 */
export async function streamPredictions(
  model: StreamedModel,
  windows: readonly TokenWindow[],
  visit: Visit,
  hooks: Hooks = NO_HOOKS,
): Promise<void> {
  const { workload } = model;
  requireSupported(workload);
  const matrices = weightMatrices(workload);
  const flow = await enter(model, matrices[0]!, windows);
  for (let layer = 0; layer < workload.layers; layer++) {
    const own = matrices.filter((matrix) => matrix.layer === layer);
    await passLayer(model, own, layer, flow, hooks);
  }
  await leave(model, matrices.at(-1)!, flow, visit, hooks);
}

async function enter(
  { workload, source }: StreamedModel,
  matrix: WeightMatrix,
  windows: readonly TokenWindow[],
): Promise<Flow> {
  const longest = windows.reduce((most, { tokens }) => Math.max(most, tokens.length), 0);
  const batches = batchesOf(windows, BATCH_ROWS);
  const rows = batches.reduce((most, batch) => Math.max(most, batch.rows), 0);
  const features = workload.hidden_features;
  const embedding = await source.matrix(matrix);
  const hidden = batches.map((batch) => {
    const stream = new Float32Array(batch.rows * features);
    embed(embedding, features, batch, stream);
    return stream;
  });
  return { batches, hidden, space: createWorkspace(workload, rows, longest) };
}

async function passLayer(
  { workload, source, project, attend }: StreamedModel,
  matrices: readonly WeightMatrix[],
  layer: number,
  { batches, hidden, space }: Flow,
  hooks: Hooks,
): Promise<void> {
  const projections = new Map<number, DisposableProjection>();
  try {
    for (const matrix of matrices)
      projections.set(matrix.id, project(matrix, await source.matrix(matrix)));
    const assembled = assembleLayer(
      workload,
      await source.norms(layer),
      matrices,
      ({ id }) => projections.get(id)!,
      attend ?? undefined,
    );
    batches.forEach((batch, b) => {
      runLayer(workload, assembled, batch, hidden[b]!, space, hooks);
    });
  } finally {
    for (const projection of projections.values()) projection.dispose();
  }
}

async function leave(
  { workload, source, project }: StreamedModel,
  matrix: WeightMatrix,
  { batches, hidden, space }: Flow,
  visit: Visit,
  hooks: Hooks,
): Promise<void> {
  const finalNorm = await source.finalNorm();
  const projection = project(matrix, await source.matrix(matrix));
  try {
    let firstWindow = 0;
    batches.forEach((batch, b) => {
      const part = { workload, finalNorm, head: { matrix, projection } };
      visitBatch(part, { batch, hidden: hidden[b]!, firstWindow, space }, visit, hooks);
      firstWindow += batch.windowBegin.length - 1;
    });
  } finally {
    projection.dispose();
  }
}

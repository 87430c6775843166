import { type Checkpoint, openCheckpoint } from "../checkpoint/checkpoint.ts";
import { weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import type { ModelWeights } from "../transformer/assemble.ts";
import type { LayerNorms } from "../transformer/decoder.ts";
import { requireSupported } from "../transformer/supported.ts";
import { checkpointFiles } from "./files.ts";

export const openFolder = (folder: string, workload: Workload): Promise<Checkpoint> =>
  openCheckpoint(checkpointFiles(folder), workload, folder);

/** A copy in memory that worker threads share. */
export function shared(values: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/** Reads a whole model into shared memory, one tensor at a time. */
export async function loadModelWeights(
  checkpoint: Checkpoint,
  workload: Workload,
): Promise<ModelWeights> {
  requireSupported(workload);
  const matrices: Float32Array[] = [];
  for (const matrix of weightMatrices(workload))
    matrices.push(shared(await checkpoint.matrix(matrix)));
  const norms: LayerNorms[] = [];
  for (let layer = 0; layer < workload.layers; layer++)
    norms.push(await readNorms(checkpoint, workload, layer));
  return { matrices, norms, finalNorm: shared(await checkpoint.vector("final-norm", -1)) };
}

export async function readNorms(
  checkpoint: Checkpoint,
  { attention }: Workload,
  layer: number,
): Promise<LayerNorms> {
  const hasQk = attention.kind === "heads" && attention.qk_norm !== "none";
  return {
    input: shared(await checkpoint.vector("input-norm", layer)),
    postAttention: shared(await checkpoint.vector("post-attention-norm", layer)),
    q: hasQk ? shared(await checkpoint.vector("q-norm", layer)) : null,
    k: hasQk ? shared(await checkpoint.vector("k-norm", layer)) : null,
  };
}

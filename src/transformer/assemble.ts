import { type Module, type Part, type WeightMatrix, weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import type { CausalAttention, Projection, VectorKernels } from "../numerics/engine.ts";
import { createAttention } from "./attention.ts";
import type { Decoder, DecoderLayer, FeedForward, GatedBlock, LayerNorms } from "./decoder.ts";
import { requireSupported } from "./supported.ts";

/** The numbers of a whole model: plain data, so that it can be handed to a worker thread. */
export interface ModelWeights {
  /**
   * In the order of `weightMatrices(workload)`, each [outputs][inputs]; the embedding (the first)
   * as it is stored, [vocabulary][hidden].
   */
  readonly matrices: readonly Float32Array[];
  /** One entry a layer. */
  readonly norms: readonly LayerNorms[];
  readonly finalNorm: Float32Array;
}

/** Decides how the products of one matrix are computed. The embedding is never asked for. */
export type ProjectionOf = (matrix: WeightMatrix, weights: Float32Array) => Projection;

/**
 * Makes a decoder from the weights of a whole model.
 *
 * @param attend the engine's attention; null: the one in TypeScript
 * @param vectors the engine's kernels between products; null: those in TypeScript
 * @throws InputError when the model's family has parts that the forward pass does not know
 */
export function assembleDecoder(
  workload: Workload,
  weights: ModelWeights,
  projectionOf: ProjectionOf,
  attend: CausalAttention | null = null,
  vectors: VectorKernels | null = null,
): Decoder {
  requireSupported(workload);
  const attention = attend ?? createAttention();
  const matrices = weightMatrices(workload);
  const project = (matrix: WeightMatrix): Projection =>
    projectionOf(matrix, weights.matrices[matrix.id]!);
  const head = matrices.at(-1)!;
  return {
    workload,
    embedding: weights.matrices[0]!,
    layers: weights.norms.map((norms, layer) =>
      assembleLayer(
        workload,
        norms,
        matrices.filter((m) => m.layer === layer),
        project,
        attention,
      ),
    ),
    finalNorm: weights.finalNorm,
    head: { matrix: head, projection: project(head) },
    ...(vectors && { vectors }),
  };
}

/**
 * Makes one layer, for runs that hold one layer at a time.
 *
 * @param matrices those of this layer, from `weightMatrices(workload)`
 */
export function assembleLayer(
  workload: Workload,
  norms: LayerNorms,
  matrices: readonly WeightMatrix[],
  project: (matrix: WeightMatrix) => Projection,
  attend: CausalAttention = createAttention(),
): DecoderLayer {
  const linear = (module: Module, part: Part, expert = -1) => {
    const matrix = matrices.find(
      (m) => m.module === module && m.part === part && m.expert === expert,
    );
    if (matrix === undefined) throw new Error(`the layer lacks ${module} ${part} ${expert}`);
    return { matrix, projection: project(matrix) };
  };
  const gated = (module: Module, expert = -1): GatedBlock => ({
    gate: linear(module, "gate", expert),
    up: linear(module, "up", expert),
    down: linear(module, "down", expert),
  });
  const isDense = matrices.some((m) => m.module === "dense");
  const feedForward: FeedForward = isDense
    ? { kind: "dense", block: gated("dense") }
    : {
        kind: "moe",
        router: linear("router", "weight"),
        experts: Array.from({ length: workload.moe.experts }, (_, e) => gated("expert", e)),
        shared: workload.moe.shared_features > 0 ? gated("shared") : null,
      };
  return {
    index: matrices[0]!.layer,
    norms,
    attention: {
      q: linear("attention", "q"),
      k: linear("attention", "k"),
      v: linear("attention", "v"),
      o: linear("attention", "o"),
      attend,
    },
    feedForward,
  };
}

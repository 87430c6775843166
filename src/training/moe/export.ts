/** A fine-tuned model as the tensors of a checkpoint in the layout of Hugging Face. */
import type { MatrixRanges } from "../../accuracy/evaluator.ts";
import { blocksOn } from "../../accuracy/evaluator.ts";
import { extentOf } from "../../checkpoint/checkpoint.ts";
import { rangeName, weightName } from "../../checkpoint/input-ranges.ts";
import { checkpointFamilies, familyNames } from "../../checkpoint/names/index.ts";
import { parameterVectors, type VectorKind } from "../../checkpoint/vectors.ts";
import type { TensorToWrite } from "../../checkpoint/write-safetensors.ts";
import { matrixLabel, weightMatrices } from "../../model/matrix.ts";
import type { Workload } from "../../model/workload.ts";
import { rowRanges } from "../../numerics/ranges.ts";
import type { ModelWeights } from "../../transformer/assemble.ts";
import type { AnalogDecoder } from "./state.ts";

/**
 * Weights under the names that the family's checkpoints have, and the input ranges of analog
 * matrices beside them.
 */
export function checkpointTensors(
  { workload, tiles, tileKinds }: AnalogDecoder,
  weights: ModelWeights,
  ranges: MatrixRanges,
): readonly TensorToWrite[] {
  const names = namesOf(workload);
  const tensors = new Map<string, TensorToWrite>();
  const put = (name: string, shape: readonly number[], values: Float32Array): void => {
    if (!tensors.has(name)) tensors.set(name, { name, shape, values });
  };
  for (const matrix of weightMatrices(workload)) {
    const name = weightName(names, matrix, workload);
    if (name === null) throw new Error(`${matrixLabel(matrix)} has no tensor of its own`);
    const { outputs, inputs } = extentOf(matrix);
    put(name, [outputs, inputs], weights.matrices[matrix.id]!);
    const kind = tileKinds[matrix.id]!;
    const own = kind < 0 ? null : ranges[kind]![matrix.id]!;
    if (own === null) continue;
    const rows = rowRanges(blocksOn(tiles[kind]!, matrix));
    put(
      rangeName(name),
      [rows.length, 2],
      Float32Array.from(rows.flatMap(({ rowEnd }, r) => [rowEnd, own[r]!])),
    );
  }
  for (const vector of parameterVectors(workload)) {
    const values = vectorOf(weights, vector.kind, vector.layer);
    put(names.vector(vector)[0]!.tensor, [values.length], values);
  }
  return [...tensors.values()];
}

function namesOf({ family }: Workload) {
  const known = checkpointFamilies.find((key) => key === family);
  if (known === undefined) throw new Error(`no names of family ${family}`);
  return familyNames[known];
}

function vectorOf({ norms, finalNorm }: ModelWeights, kind: VectorKind, layer: number) {
  const own = norms[layer];
  const vectors: Partial<Record<VectorKind, Float32Array | null | undefined>> = {
    "input-norm": own?.input,
    "post-attention-norm": own?.postAttention,
    "q-norm": own?.q,
    "k-norm": own?.k,
    "final-norm": finalNorm,
  };
  const values = vectors[kind];
  if (!values) throw new Error(`no ${kind} in layer ${layer}`);
  return values;
}

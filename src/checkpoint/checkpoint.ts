/** A checkpoint as the rest of the program sees it: matrices and vectors, one at a time. */
import { InputError, type Issue } from "../model/issue.ts";
import { type WeightMatrix, weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import { groupIssues } from "./group-issues.ts";
import { readStoredRanges, type StoredRange, weightName } from "./input-ranges.ts";
import { type Located, locate, type Source, type TensorSet, tensorSet } from "./locate.ts";
import type { FamilyNames } from "./names/family.ts";
import { checkpointFamilies, familyNames } from "./names/index.ts";
import type { Extent } from "./place.ts";
import type { CheckpointFiles } from "./random-access.ts";
import { readRows } from "./read-source.ts";
import { openTensors } from "./sharded.ts";
import { type ParameterVector, parameterVectors, type VectorKind } from "./vectors.ts";

export interface Checkpoint {
  readonly workload: Workload;
  /**
   * Reads one weight matrix, [outputs][inputs]; the embedding as it is stored,
   * [vocabulary][hidden], which is the transpose of what its `WeightMatrix` says.
   *
   * @throws InputError if a weight is NaN or infinite
   */
  readonly matrix: (matrix: WeightMatrix) => Promise<Float32Array>;
  /** Rows [rowBegin, rowEnd) of what `matrix` gives. */
  readonly matrixRows: (
    matrix: WeightMatrix,
    rowBegin: number,
    rowEnd: number,
  ) => Promise<Float32Array>;
  /** Does `matrixRows` read the whole matrix for any of its rows? So where it is stored input-first. */
  readonly readsWhole: (matrix: WeightMatrix) => boolean;
  /**
   * Reads a norm, bias or sinks.
   *
   * @param layer -1 for those of the whole model
   * @param expert for the biases of experts
   */
  readonly vector: (kind: VectorKind, layer: number, expert?: number) => Promise<Float32Array>;
  /** Does the model have this vector? Decided by the workload; `openCheckpoint` found them all. */
  readonly hasVector: (kind: VectorKind, layer: number, expert?: number) => boolean;
  /** DAC full scales of a matrix that were learned with its weights; null: there are none. */
  readonly inputRanges: (matrix: WeightMatrix) => Promise<readonly StoredRange[] | null>;
  /** Size of all tensors, those that are not used included. */
  readonly bytes: number;
  readonly tensorCount: number;
  /** Tensors that the model does not use: rotary buffers, layers for multi-token prediction. */
  readonly unusedTensors: readonly string[];
}

/**
 * Opens the weights of a model: reads all headers, finds every matrix and vector, checks shapes.
 *
 * @param folder what messages call the checkpoint
 * @throws InputError with everything that is missing or contradicts the workload
 */
export async function openCheckpoint(
  files: CheckpointFiles,
  workload: Workload,
  folder: string,
): Promise<Checkpoint> {
  const names = requireFamily(workload);
  const tensors = await openTensors(files, folder);
  const set = tensorSet(tensors, workload.moe.experts);
  const { matrices, vectors } = findAll(set, names, workload, folder);
  const rowsOf = (matrix: WeightMatrix, rowBegin: number, rowEnd: number) =>
    readRows(matrices[matrix.id]!, rowBegin, rowEnd);
  return {
    workload,
    matrix: (matrix) => rowsOf(matrix, 0, extentOf(matrix).outputs),
    matrixRows: rowsOf,
    readsWhole: ({ id }) => matrices[id]!.place.order === "input-first",
    vector: async (kind, layer, expert = -1) => {
      const source = vectors.get(vectorKey(kind, layer, expert));
      if (source === undefined) throw new Error(`no ${kind} in layer ${layer}, expert ${expert}`);
      return readRows(source, 0, source.extent.outputs);
    },
    hasVector: (kind, layer, expert = -1) => vectors.has(vectorKey(kind, layer, expert)),
    inputRanges: (matrix) =>
      readStoredRanges(tensors, weightName(names, matrix, workload), matrix.inputs),
    bytes: [...tensors.values()].reduce((sum, tensor) => sum + tensor.bytes, 0),
    tensorCount: tensors.size,
    unusedTensors: unusedTensors(tensors.keys(), [...matrices, ...vectors.values()]),
  };
}

const vectorKey = (kind: VectorKind, layer: number, expert: number): string =>
  `${kind} ${layer} ${expert}`;

function requireFamily({ family, name }: Workload): FamilyNames {
  const known = checkpointFamilies.find((key) => key === family);
  if (known !== undefined) return familyNames[known];
  throw new InputError(`workload ${name}`, [
    {
      pointer: "/family",
      found: JSON.stringify(family),
      allowed: `checkpoints of ${checkpointFamilies.join(", ")}`,
    },
  ]);
}

/** What `matrix` returns: as the matrix says, but for the embedding, which is stored transposed. */
export const extentOf = ({ module, inputs, outputs }: WeightMatrix): Extent =>
  module === "embedding"
    ? { outputs: inputs, inputs: outputs, isVector: false }
    : { outputs, inputs, isVector: false };

interface Sources {
  /** By `WeightMatrix.id`. */
  readonly matrices: readonly Source[];
  readonly vectors: ReadonlyMap<string, Source>;
}

function findAll(set: TensorSet, names: FamilyNames, workload: Workload, folder: string): Sources {
  const issues: Issue[] = [];
  const keep = (located: Located): Source[] => {
    if (located.kind === "source") return [located.source];
    issues.push(located.issue);
    return [];
  };
  const matrices = weightMatrices(workload).flatMap((matrix) =>
    keep(locate(set, names.matrix(matrix, workload), extentOf(matrix))),
  );
  const vectors = parameterVectors(workload).flatMap((vector) =>
    keep(locate(set, names.vector(vector), vectorExtent(vector))).map(
      (source) => [vectorKey(vector.kind, vector.layer, vector.expert), source] as const,
    ),
  );
  if (issues.length > 0) throw new InputError(folder, groupIssues(issues));
  return { matrices, vectors: new Map(vectors) };
}

const vectorExtent = ({ features }: ParameterVector): Extent => ({
  outputs: features,
  inputs: 1,
  isVector: true,
});

function unusedTensors(names: Iterable<string>, sources: readonly Source[]): readonly string[] {
  const used = new Set(
    sources.flatMap(({ tensor, scale, groupScales }) => [
      tensor.name,
      ...(scale === null ? [] : [scale.tensor.name]),
      ...(groupScales === null ? [] : [groupScales.name]),
    ]),
  );
  return [...names].filter((name) => !used.has(name));
}

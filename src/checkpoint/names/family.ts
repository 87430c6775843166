import type { WeightMatrix } from "../../model/matrix.ts";
import type { Place } from "../place.ts";
import type { ParameterVector } from "../vectors.ts";

/** How the checkpoints of one model family name their tensors. */
export interface FamilyNames {
  /** Places where a matrix may be; the first that a checkpoint has counts. */
  readonly matrix: (matrix: WeightMatrix, model: NamedModel) => readonly Place[];
  readonly vector: (vector: ParameterVector) => readonly Place[];
}

/** What names depend on beside the matrix. */
export interface NamedModel {
  readonly tied_head: boolean;
}

/** Which effect hurts which matrix: diagnoses of all analog matrices on inputs of a text. */
import { ALWAYS_DIGITAL, type WeightMatrix, weightMatrices } from "../model/matrix.ts";
import { type Diagnosis, diagnose, type Sample } from "../numerics/diagnose.ts";
import { without } from "../numerics/effects.ts";
import type { TileEngine } from "../numerics/tile.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import type { Decoder } from "../transformer/decoder.ts";
import { type AccuracyPlan, programRequest } from "./evaluator.ts";
import { forEachPrediction } from "./predictions.ts";

/** Inputs that each matrix is diagnosed with: enough for errors to about 10 %. */
const SAMPLE_ROWS = 32;

/** The first inputs of each matrix that are not all zero; [matrices], null: there were none. */
export type Samples = readonly (Sample | null)[];

/** Runs a text through the all-digital model and keeps the first inputs of every matrix. */
export function collectSamples(decoder: Decoder, windows: readonly TokenWindow[]): Samples {
  const matrices = weightMatrices(decoder.workload);
  const kept = matrices.map((matrix) =>
    ALWAYS_DIGITAL.includes(matrix.module) ? null : { x: new Float32Array(0), rows: 0 },
  );
  forEachPrediction(decoder, windows, () => {}, {
    onInputs: (matrix, x, rows) => {
      const own = kept[matrix.id];
      if (!own || own.rows === SAMPLE_ROWS) return;
      if (own.rows === 0) own.x = new Float32Array(SAMPLE_ROWS * matrix.inputs);
      for (let row = 0; row < rows && own.rows < SAMPLE_ROWS; row++) {
        const input = x.subarray(row * matrix.inputs, (row + 1) * matrix.inputs);
        if (input.every((value) => value === 0)) continue;
        own.x.set(input, own.rows++ * matrix.inputs);
      }
    },
  });
  return kept.map((own) =>
    own === null || own.rows === 0
      ? null
      : { ...own, rowIds: Uint32Array.from({ length: own.rows }, (_, row) => row) },
  );
}

/** What is needed of a plan. */
export type ExplainPlan = Pick<
  AccuracyPlan,
  "workload" | "weights" | "tiles" | "ranges" | "noise_scale" | "age_s" | "without"
>;

export interface MatrixDiagnosis extends Diagnosis {
  readonly matrix: WeightMatrix;
  /** Name of the kind of tile. */
  readonly tile: string;
}

/**
 * Diagnoses the analog matrices of a placement that have inputs and are not all zero.
 *
 * @param tileKinds kind of tile of each matrix, -1: digital
 */
export function explainMatrices(
  plan: ExplainPlan,
  engine: TileEngine,
  samples: Samples,
  tileKinds: Int32Array,
  seed: number,
): readonly MatrixDiagnosis[] {
  return weightMatrices(plan.workload).flatMap((matrix) => {
    const kind = tileKinds[matrix.id]!;
    const sample = samples[matrix.id];
    if (kind < 0 || !sample) return [];
    const weights = plan.weights.matrices[matrix.id]!;
    // Of a matrix that is all zero there is no relative error.
    if (!weights.some((weight) => weight !== 0)) return [];
    const request = programRequest(plan, kind, matrix, weights, seed);
    const diagnosis = diagnose(without(request, plan.without ?? []), engine, sample);
    return [{ ...diagnosis, matrix, tile: plan.tiles[kind]!.name }];
  });
}

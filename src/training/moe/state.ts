/** What training of a decoder is and where it stands: from a model to parameters, and saved states. */
import type { AnalogTile } from "../../model/arch.ts";
import { weightMatrices } from "../../model/matrix.ts";
import type { OptimiserSpec } from "../../model/training-recipe.ts";
import type { Workload } from "../../model/workload.ts";
import type { ModelWeights } from "../../transformer/assemble.ts";
import { createOptimiserState, type OptimiserState } from "../optimiser.ts";
import type { Moments, TrainingState } from "../session.ts";
import { type TrainedMatrix, trainedMatrix } from "./parameters.ts";

/** A decoder with some matrices on crossbars. */
export interface AnalogDecoder {
  readonly workload: Workload;
  readonly tiles: readonly AnalogTile[];
  /** Kind of tile of each matrix; -1: digital. [matrices] */
  readonly tileKinds: Int32Array;
  /** Input ranges to begin with, [tile kind][matrix], as `calibrateRanges` has them. */
  readonly ranges: readonly (readonly (Float64Array | null)[])[];
}

/** @param weights of all matrices, in the order of `weightMatrices(workload)` */
export function trainedMatrices(
  { workload, tiles, tileKinds, ranges }: AnalogDecoder,
  weights: readonly Float32Array[],
): readonly TrainedMatrix[] {
  return weightMatrices(workload).flatMap((matrix) => {
    const kind = tileKinds[matrix.id]!;
    if (kind < 0) return [];
    return [trainedMatrix(matrix, tiles[kind]!, weights[matrix.id]!, ranges[kind]![matrix.id]!)];
  });
}

/** Everything that the optimiser changes, with its name; weights first. */
export interface NamedParameter {
  readonly name: string;
  readonly values: Float32Array;
  readonly kind: "weight" | "scale" | "range";
}

export function parametersOf(trained: readonly TrainedMatrix[]): readonly NamedParameter[] {
  return [
    ...trained.map(({ name, weights }) => parameter(name, "weight", weights)),
    ...trained.map(({ name, logScales }) => parameter(name, "scale", logScales)),
    ...trained.flatMap(({ name, logRanges }) =>
      logRanges === null ? [] : [parameter(name, "range", logRanges)],
    ),
  ];
}

const parameter = (
  name: string,
  kind: NamedParameter["kind"],
  values: Float32Array,
): NamedParameter => ({ name: `${name}.${kind}`, kind, values });

/** The state before the first step. */
export function firstState(model: AnalogDecoder, { matrices }: ModelWeights): TrainingState {
  const parameters = parametersOf(trainedMatrices(model, matrices));
  return {
    step: 0,
    parameters: new Map(parameters.map(({ name, values }) => [name, values])),
    ranges: new Map(),
    rangeBatches: new Map(),
    moments: new Map(),
  };
}

/** A copy of all that further training depends on. */
export function saveState(
  parameters: readonly NamedParameter[],
  optimiser: OptimiserState,
): TrainingState {
  const moments = parameters.map(({ name }, p): [string, Moments] => [
    name,
    {
      first: Float64Array.from(optimiser.first[p]!),
      second: Float64Array.from(optimiser.second[p] ?? []),
    },
  ]);
  return {
    step: optimiser.steps,
    parameters: new Map(parameters.map(({ name, values }) => [name, values.slice()])),
    ranges: new Map(),
    rangeBatches: new Map(),
    moments: new Map(moments),
  };
}

/**
 * Writes a saved state into parameters.
 *
 * @returns the optimiser's part of it
 * @throws Error if the state is of another model
 */
export function loadState(
  state: TrainingState,
  parameters: readonly NamedParameter[],
  spec: OptimiserSpec,
): OptimiserState {
  const optimiser = createOptimiserState(
    spec,
    parameters.map(({ values }) => values),
  );
  parameters.forEach(({ name, values }, p) => {
    const saved = state.parameters.get(name);
    const moments = state.moments.get(name);
    if (saved === undefined || saved.length !== values.length)
      throw new Error(`the saved state has no ${name} of ${values.length} numbers`);
    values.set(saved);
    if (moments === undefined) return;
    optimiser.first[p]!.set(moments.first);
    optimiser.second[p]?.set(moments.second);
  });
  optimiser.steps = state.step;
  return optimiser;
}

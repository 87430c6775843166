/** The state of training as arrays that change in place, and as a value. */
import type { OptimiserSpec } from "../model/training-recipe.ts";
import type { Network } from "./network.ts";
import { firstValues } from "./network.ts";
import { createOptimiserState, type OptimiserState } from "./optimiser.ts";
import { valuesFor } from "./parameter-tensors.ts";
import type { Moments, TrainingState } from "./session.ts";

/** Everything that a step changes. */
export interface RunState {
  /** By name; the arrays change in place. */
  readonly values: Map<string, Float32Array>;
  /** Input ranges of each analog product, one a row range; empty until the first step. */
  readonly ranges: Map<string, Float32Array>;
  /** Batches that each has been set from, [1]. */
  readonly rangeBatches: Map<string, Int32Array>;
  /** What the optimiser changes, in its order: parameters, then logarithms of ranges. */
  readonly trained: Float32Array[];
  readonly trainedNames: string[];
  optimiser: OptimiserState;
}

/** Step 0 with the network's first values. */
export const firstState = (network: Network): TrainingState => stateFrom(firstValues(network));

/** Step 0 with values of one's own: of the digital network, to be trained with crossbars. */
export const stateFrom = (parameters: TrainingState["parameters"]): TrainingState => ({
  step: 0,
  parameters,
  ranges: new Map(),
  rangeBatches: new Map(),
  moments: new Map(),
});

/** Name of a product's logarithms of ranges in the optimiser's moments. */
export const rangeName = (product: string): string => `${product}.range`;

/** @throws Error if the state is of another network */
export function loadState(network: Network, optimiser: OptimiserSpec, s: TrainingState): RunState {
  const values = new Map(
    network.parameters.map(({ name, initial }) => {
      const own = valuesFor(s.parameters, name);
      if (own.length !== initial.length) throw new Error(`${name}: ${own.length} values`);
      return [name, own.slice()];
    }),
  );
  const ranges = new Map([...s.ranges].map(([name, r]) => [name, Float32Array.from(r)]));
  const trainedNames = [...values.keys(), ...[...ranges.keys()].map(rangeName)];
  const trained = [...values.values(), ...[...ranges.values()].map((r) => r.map(Math.log))];
  return {
    ...{ values, ranges, trained, trainedNames },
    rangeBatches: new Map([...s.rangeBatches].map(([name, b]) => [name, b.slice()])),
    optimiser: restored(createOptimiserState(optimiser, trained), trainedNames, s),
  };
}

function restored(
  empty: OptimiserState,
  names: readonly string[],
  { step, moments }: TrainingState,
): OptimiserState {
  names.forEach((name, p) => {
    const found = moments.get(name);
    if (found === undefined) return;
    empty.first[p]!.set(found.first);
    empty.second[p]?.set(found.second);
  });
  return { ...empty, steps: moments.size === 0 ? 0 : step };
}

/** A copy. @param step steps done */
export function saveState(run: RunState, step: number): TrainingState {
  const { first, second } = run.optimiser;
  const moments = run.trainedNames.map((name, p): [string, Moments] => [
    name,
    { first: Float64Array.from(first[p]!), second: Float64Array.from(second[p] ?? []) },
  ]);
  return {
    step,
    parameters: new Map([...run.values].map(([name, v]) => [name, v.slice()])),
    ranges: new Map([...run.ranges].map(([name, r]) => [name, Float64Array.from(r)])),
    rangeBatches: new Map([...run.rangeBatches].map(([name, b]) => [name, b.slice()])),
    moments: new Map(moments),
  };
}

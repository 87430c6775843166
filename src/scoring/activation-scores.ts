import type { Workload } from "../model/workload.ts";
import type { ExpertScores } from "../placement/strategy.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import type { Decoder } from "../transformer/decoder.ts";
import type { Hooks } from "../transformer/hooks.ts";
import { runWindows } from "../transformer/run-windows.ts";

/** What a calibration text says about how much each expert is used. */
export interface ActivationScores {
  readonly tokens: number;
  /** Share of the tokens that are sent to the expert; sums to k of top-k over a layer. */
  readonly "activation-frequency": ExpertScores;
  /** Sum over these tokens of the expert's gate weight. */
  readonly "activation-weight": ExpertScores;
}

/** Runs a calibration text through the all-digital model and scores its experts. */
export function activationScores(
  decoder: Decoder,
  windows: readonly TokenWindow[],
): ActivationScores {
  const tally = createActivationTally(decoder.workload);
  runWindows(decoder, windows, tally.hooks);
  return tally.scores();
}

/** The same for a run that is made anyway: hand it the hooks. */
export function createActivationTally({ layers, dense_layers, moe }: Workload): {
  readonly hooks: Hooks;
  readonly scores: () => ActivationScores;
} {
  const dense = new Set(dense_layers);
  const perExpert = () =>
    Array.from(
      { length: layers },
      (_, layer) => new Float64Array(dense.has(layer) ? 0 : moe.experts),
    );
  const counts = perExpert();
  const weightSums = perExpert();
  const seen = new Float64Array(layers);
  return {
    hooks: {
      onRouting: (layer, rowIds, experts, weights) => {
        seen[layer] = seen[layer]! + rowIds.length;
        count(counts[layer]!, weightSums[layer]!, experts, weights);
      },
    },
    scores: () => {
      const tokens = seen.reduce((most, n) => Math.max(most, n), 0);
      if (tokens === 0) throw new Error("no token was routed");
      return {
        tokens,
        "activation-frequency": counts.map((ofLayer) => Array.from(ofLayer, (n) => n / tokens)),
        "activation-weight": weightSums.map((ofLayer) => [...ofLayer]),
      };
    },
  };
}

function count(
  counts: Float64Array,
  weightSums: Float64Array,
  experts: Int32Array,
  weights: Float32Array,
): void {
  for (let i = 0; i < experts.length; i++) {
    const expert = experts[i]!;
    counts[expert] = counts[expert]! + 1;
    weightSums[expert] = weightSums[expert]! + weights[i]!;
  }
}

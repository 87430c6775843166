/** What the study measures: networks, and how much of each. */
import type { Training } from "../../src/model/training.ts";
import {
  NONIDEALITY_NAMES,
  type NonidealityName,
} from "../../src/training/tolerance/nonidealities.ts";

/** Training files of `training/`, in the order in which they are measured. */
export const NETWORKS = {
  "cnn-digits": { title: "CNN", evaluation_items: 500 },
  "lstm-characters": { title: "LSTM", evaluation_items: 64 },
  "encoder-digits": { title: "encoder", evaluation_items: 500 },
  "tiny-olmoe": { title: "tiny-olmoe", evaluation_items: 4 },
  "tiny-deepseekmoe": { title: "tiny-deepseekmoe", evaluation_items: 4 },
} as const satisfies Record<
  string,
  {
    readonly title: string /** Scored in searches for a tolerance. */;
    readonly evaluation_items: number;
  }
>;
export type NetworkName = keyof typeof NETWORKS;
export const NETWORK_NAMES = Object.keys(NETWORKS) as readonly NetworkName[];

/** Placements of the decoders; all experts analog is what the first is compared with. */
export const PLACEMENTS = [
  "dense-digital",
  "max-neuron-norm:0.125",
  "fisher-matrices:0.125",
  "max-neuron-norm:0.25",
  "fisher-matrices:0.25",
] as const;

export interface Extent {
  readonly networks: readonly NetworkName[];
  readonly names: readonly NonidealityName[];
  /** Programmings of the table over time, of each value of a search, and at equal error. */
  readonly seeds: Readonly<Record<"time" | "tolerance" | "equal" | "placement", number>>;
  /** What the quick form changes in a training file. */
  readonly change: (spec: Training) => Training;
  readonly evaluationItems: (network: NetworkName) => number;
}

export const FULL: Extent = {
  networks: NETWORK_NAMES,
  names: NONIDEALITY_NAMES,
  seeds: { time: 10, tolerance: 3, equal: 5, placement: 5 },
  change: (spec) => spec,
  evaluationItems: (network) => NETWORKS[network].evaluation_items,
};

const QUICK_ITEMS = 100;

/** A minute: one small network, shortly trained, three nonidealities. */
export const QUICK: Extent = {
  networks: ["encoder-digits"],
  names: ["adc_bits", "output_noise", "programming_noise"],
  seeds: { time: 2, tolerance: 2, equal: 2, placement: 2 },
  change: (spec) => ({
    ...spec,
    network: {
      ...{ kind: "encoder", patch_rows: 7, features: 32, heads: 2 },
      ...{ intermediate_features: 32, layers: 1 },
    },
    data: { kind: "digits", training_items: 2000, validation_items: 100, evaluation_items: 100 },
    digital: { ...spec.digital!, steps: 120, batch_items: 32 },
    hardware_aware: { ...spec.hardware_aware, steps: 40, ramp_steps: 20, batch_items: 32 },
  }),
  evaluationItems: () => QUICK_ITEMS,
};

import { activationFrequency } from "./strategies/activation-frequency.ts";
import { activationWeight } from "./strategies/activation-weight.ts";
import { allAnalog } from "./strategies/all-analog.ts";
import { allDigital } from "./strategies/all-digital.ts";
import { denseDigital } from "./strategies/dense-digital.ts";
import { fisherExperts } from "./strategies/fisher-experts.ts";
import { fisherMatrices } from "./strategies/fisher-matrices.ts";
import { forwardCurvature } from "./strategies/forward-curvature.ts";
import { maxNeuronNorm } from "./strategies/max-neuron-norm.ts";
import { maxVariance } from "./strategies/max-variance.ts";
import { measuredSensitivity } from "./strategies/measured-sensitivity.ts";
import {
  attentionDigital,
  denseLayersDigital,
  headDigital,
  sharedDigital,
} from "./strategies/only-module.ts";
import { optimal } from "./strategies/optimal.ts";
import { random } from "./strategies/random.ts";
import { routerNorm } from "./strategies/router-norm.ts";
import { routerNormChange } from "./strategies/router-norm-change.ts";
import type { PlacementStrategy } from "./strategy.ts";

/** Every strategy. The key is the name on the command line and in reports. */
export const strategies = {
  "all-digital": allDigital,
  "all-analog": allAnalog,
  "dense-digital": denseDigital,
  "attention-digital": attentionDigital,
  "head-digital": headDigital,
  "shared-digital": sharedDigital,
  "dense-layers-digital": denseLayersDigital,
  "max-neuron-norm": maxNeuronNorm,
  "router-norm": routerNorm,
  "router-norm-change": routerNormChange,
  "max-variance": maxVariance,
  "activation-frequency": activationFrequency,
  "activation-weight": activationWeight,
  random,
  "measured-sensitivity": measuredSensitivity,
  "forward-curvature": forwardCurvature,
  "fisher-experts": fisherExperts,
  "fisher-matrices": fisherMatrices,
  optimal,
} as const satisfies Record<string, PlacementStrategy>;

export type StrategyName = keyof typeof strategies;
export const strategyNames = Object.keys(strategies) as readonly StrategyName[];

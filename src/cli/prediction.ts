/** The surrogate's figures beside the measured ones. */
import { unpredictedEffects } from "../accuracy/predict-rise.ts";
import { createAccuracySurrogate } from "../accuracy/surrogate.ts";
import { mapPlacement } from "../mapping/map.ts";
import { matrixTileKinds } from "../mapping/tile-kinds.ts";
import { weightMatrices } from "../model/matrix.ts";
import type { Placement } from "../model/placement.ts";
import type { EvaluatedPlacement } from "../report/build.ts";
import type { Comparison } from "./prepare.ts";

/** Predicted rise of the mean NLL of a placement; null where nothing is predicted. */
export function createPrediction({
  sensitivities,
  arch,
  workload,
  settings: { accuracy, cost },
}: Comparison): (placement: Placement) => number | null {
  if (sensitivities === null) return () => null;
  const surrogate = createAccuracySurrogate(sensitivities);
  const matrices = weightMatrices(workload);
  return (placement) => {
    const mapped = mapPlacement(arch, matrices, placement, cost.overflow);
    const targets = mapped.feasible ? matrixTileKinds(mapped.mapping) : placement.targets;
    return surrogate(arch, targets, accuracy.age_s, accuracy.noise_scale);
  };
}

const INSTEAD =
  "the loss is predicted, not measured: that of the all-digital model, and the predicted rise (--accuracy measured)";

/** What was predicted from, what was left out, and how far off it is on this model. */
export function predictionNotes(
  {
    sensitivities,
    source,
    arch,
    settings: { accuracy },
  }: Pick<Comparison, "sensitivities" | "source" | "arch" | "settings">,
  evaluated: readonly EvaluatedPlacement[],
): string[] {
  if (sensitivities === null) return [];
  const missing = [...new Set(arch.tiles.flatMap(unpredictedEffects))];
  return [
    ...(source === "predicted" ? [INSTEAD] : []),
    `predicted rise of the loss: curvature of ${sensitivities.predictions} calibration tokens, none of them of the evaluation text`,
    ...(missing.length === 0 ? [] : [`the predicted rise leaves out: ${missing.join(", ")}`]),
    ...((accuracy.without ?? []).length === 0
      ? []
      : ["the predicted rise knows nothing of effects that are switched off"]),
    ...errorNote(evaluated),
  ];
}

/** Of placements that have both, in a run that measured the all-digital model too. */
function errorNote(evaluated: readonly EvaluatedPlacement[]): string[] {
  const digital = evaluated.find(
    ({ accuracy, shares }) => accuracy && shares.digital_parameters_frac === 1,
  )?.accuracy;
  if (!digital) return [];
  const errors = evaluated.flatMap(({ name, accuracy, predicted_nll_rise_nats: predicted }) => {
    if (!accuracy || accuracy === digital || predicted == null) return [];
    return [{ name, error: Math.abs(predicted - (accuracy.nll_nats - digital.nll_nats)) }];
  });
  if (errors.length === 0) return [];
  const mean = errors.reduce((sum, { error }) => sum + error, 0) / errors.length;
  const worst = errors.reduce((a, b) => (b.error > a.error ? b : a));
  return [
    `predicted and measured rise differ by ${mean.toPrecision(2)} nats on average, ${worst.error.toPrecision(2)} at most (${worst.name})`,
  ];
}

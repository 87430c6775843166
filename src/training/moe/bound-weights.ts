/** What happens to weights after a step: clipping, then stretching to full scale. */

import type { WeightClipSpec } from "../../model/training-recipe.ts";
import { clipWeights, rowMaxima, type WeightClip } from "../../numerics/hwa/clip.ts";
import type { TrainedMatrix } from "./parameters.ts";

/**
 * @param remaps columns are stretched, so that their largest weight is 1, and their scales shrunk;
 *   the matrix stays as it is
 * @source AIHWKIT 1.1.0, WeightClipParameter (FixedValue, LayerGaussian) and WeightRemapParameter
 *   (ChannelwiseSymmetric).
 */
export function boundWeights(
  { weights, logScales, matrix: { inputs } }: TrainedMatrix,
  clip: WeightClipSpec,
  remaps: boolean,
): void {
  const how = clipOf(clip);
  if (how !== null) weights.set(clipWeights(weights, inputs, how));
  if (!remaps) return;
  rowMaxima(weights, inputs).forEach((max, o) => {
    if (max < 2 ** -100) return;
    logScales[o] = logScales[o]! + Math.log(max);
    for (let i = o * inputs; i < (o + 1) * inputs; i++) weights[i] = weights[i]! / max;
  });
}

function clipOf(clip: WeightClipSpec): WeightClip | null {
  if (clip.kind === "none") return null;
  if (clip.kind === "gaussian") return { type: "LayerGaussian", sigma: clip.sigma_factor };
  return { type: "FixedValue", fixed_value: clip.bound };
}

/** Resistive memory of a 48-core chip: spread around the target, given for three times. */
import { InputError } from "../../model/issue.ts";
import { type DeviceModel, type NoiseScales, polynomial } from "./device.ts";

/** Age in s -> standard deviation in uS over q = g/g_max, constant term first. */
const SIGMA_US: ReadonlyMap<number, readonly number[]> = new Map([
  [1, [0.348, 16.03, -43.853, 45.393, -16.815]],
  [86400, [0.701, 22.086, -50.773, 47.095, -16.458]],
  [172800, [0.782, 20.274, -43.507, 37.062, -11.934]],
]);
/** The polynomials were fitted for this largest conductance. */
const REFERENCE_G_MAX_US = 40;

/**
 * Right after programming the spread is that of 1 s. At a later time each conductance is a new
 * draw around its target: the data are distributions, not paths. Only ages with data exist.
 *
 * @source Wan et al., Nature 608, 504 (2022), as fitted in AIHWKIT's ReRamWan2022NoiseModel.
 */
export function reramWan2022Device(scales: NoiseScales, gMax_uS = REFERENCE_G_MAX_US): DeviceModel {
  const sigmaAt = (coefficients: readonly number[], target_uS: number): number =>
    scales.programming * Math.max(0, polynomial(coefficients, target_uS / gMax_uS));
  const first = SIGMA_US.get(1)!;
  return {
    encoding: "pair",
    gMin_uS: 0,
    gMax_uS,
    exact: false,
    programmingSigma_uS: (target_uS) => sigmaAt(first, target_uS),
    program: (target_uS, z) => Math.max(0, target_uS + sigmaAt(first, target_uS) * z),
    ageing: (age_s) => {
      const coefficients = SIGMA_US.get(age_s);
      if (coefficients === undefined) throw unknownAge(age_s);
      return (target_uS, _programmed, zDrift) =>
        Math.max(0, target_uS + sigmaAt(coefficients, target_uS) * zDrift);
    },
  };
}

function unknownAge(age_s: number): InputError {
  return new InputError("--age_s", [
    {
      pointer: "",
      found: `${age_s} with reram-wan2022 devices`,
      allowed: `0, ${[...SIGMA_US.keys()].join(", ")}: the times for which there are data`,
    },
  ]);
}

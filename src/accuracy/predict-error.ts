/** Mean square error of programming, as a function of the weight: what random devices do, without drawing any. */
import type { DeviceModel } from "../numerics/devices/device.ts";

/** Intervals between normalised weights 0 and omega; functions are linear within them. */
export const INTERVALS = 256;

/** Steps of the integral over a standard normal, and where it is cut: beyond is 1e-12 of it. */
const STEPS = 320;
const LIMIT = 7;

interface Moments {
  readonly mean: number;
  readonly variance: number;
}

/**
 * Mean square error of a programmed weight at the knots |w| = i / INTERVALS * omega, in normalised
 * units; right after programming.
 *
 * Clamps at zero conductance are in it. Where a weight and its negative are programmed to different
 * conductances (one device a weight), it is the mean of the two.
 *
 * @param omega normalised weight that takes the largest conductance
 */
export function programmingErrors(device: DeviceModel, omega: number): Float64Array {
  const errors = new Float64Array(INTERVALS + 1);
  if (device.exact) return errors;
  const errorAt = errorOf(device, omega);
  return errors.map((_, i) => errorAt((i / INTERVALS) * omega));
}

function errorOf(device: DeviceModel, omega: number): (weight: number) => number {
  const { gMin_uS, gMax_uS } = device;
  const span_uS = gMax_uS - gMin_uS;
  const meanSquare = ({ mean, variance }: Moments, perWeight: number): number =>
    (variance + mean * mean) / (perWeight * perWeight);
  if (device.encoding === "pair") {
    const unused = deviation(device, gMin_uS);
    const perWeight = span_uS / omega;
    return (weight) => {
      const used = deviation(device, gMin_uS + weight * perWeight);
      const difference = {
        mean: used.mean - unused.mean,
        variance: used.variance + unused.variance,
      };
      return meanSquare(difference, perWeight);
    };
  }
  const [zero_uS, perWeight] =
    device.encoding === "single"
      ? [(gMax_uS + gMin_uS) / 2, span_uS / (2 * omega)]
      : [0, gMax_uS / omega];
  return (weight) => {
    const [plus, minus] = [weight, -weight].map((w) =>
      meanSquare(deviation(device, zero_uS + w * perWeight), perWeight),
    );
    return (plus! + minus!) / 2;
  };
}

/** Moments of programmed minus target conductance, by the trapezoidal rule over the normal z. */
function deviation({ program }: DeviceModel, target_uS: number): Moments {
  let total = 0;
  let first = 0;
  let second = 0;
  for (let step = 0; step <= STEPS; step++) {
    const z = LIMIT * ((2 * step) / STEPS - 1);
    const weight = Math.exp((-z * z) / 2);
    const error = program(target_uS, z) - target_uS;
    total += weight;
    first += weight * error;
    second += weight * error * error;
  }
  const mean = first / total;
  return { mean, variance: second / total - mean * mean };
}

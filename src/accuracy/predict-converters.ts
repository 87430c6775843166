/** Mean and mean square of what DAC, ADC and wires do to a number, by the size of that number. */
import type { Periphery } from "../numerics/engine.ts";
import { lostShare } from "../numerics/periphery/ir-drop.ts";
import { clip, roundHalfEven } from "../numerics/quantise.ts";
import { SIZE_BINS, sizeOfBin } from "../transformer/curvature.ts";

/** Errors by bin of `sizeBin`. [SIZE_BINS] */
export interface ErrorsBySize {
  readonly mean: Float64Array;
  readonly square: Float64Array;
}

/** Points of a bin at which a rounding error is taken. */
const POINTS = 8;

/**
 * DAC error of positive inputs, in the unit of the range: rounding and clipping.
 *
 * @param levels codes on each side of zero; 0: no rounding
 * @param range full scale, in the unit of the bins; null: the bins are in units of the largest input of
 *   each token, which is its full scale. Then 1 is the highest code, and nothing is clipped
 */
export function inputErrors(levels: number, range: number | null): ErrorsBySize {
  const mean = new Float64Array(SIZE_BINS);
  const square = new Float64Array(SIZE_BINS);
  // Of the first bin, which holds zeros too, and the last, which has no end, only the edge is known.
  for (let bin = 1; bin < SIZE_BINS; bin++) {
    const [begin, end] = [sizeOfBin(bin), sizeOfBin(bin + 1)];
    if (range === null && begin >= 1) break;
    for (let p = 0; p < POINTS; p++) {
      const value = (begin + ((end - begin) * (p + 0.5)) / POINTS) / (range ?? 1);
      const clipped = Math.min(value, 1);
      const code = levels > 0 ? roundHalfEven(clipped * levels) / levels : clipped;
      mean[bin]! += (code - value) / POINTS;
      square[bin]! += (code - value) ** 2 / POINTS;
    }
  }
  return { mean, square };
}

/** What the ADC makes of sums that are normal with the bin's rms. */
export interface OutputErrors {
  /** Mean square error in the square of the sum's unit. [SIZE_BINS] */
  readonly square: Float64Array;
  /** Regression of the error on the sum: clipping makes it smaller. [SIZE_BINS] */
  readonly gain: Float64Array;
}

type Adc = Pick<Periphery, "outputLevels" | "outputBound" | "outputNoise">;

const STEPS = 200;
const LIMIT = 6;

/**
 * Noise before the ADC, its rounding and its clipping.
 *
 * With v = sum + noise, both normal, the sum given v is normal with mean rho v: so one integral over v
 * is enough.
 *
 * @param omega sums are in units of the largest weight; those of the ADC are omega times as large
 */
export function outputErrors(adc: Adc, omega: number): OutputErrors {
  const square = new Float64Array(SIZE_BINS);
  const gain = new Float64Array(SIZE_BINS);
  for (let bin = 0; bin < SIZE_BINS; bin++) {
    const sigma = omega * Math.sqrt(sizeOfBin(bin) * sizeOfBin(bin + 1));
    const errors = converted(adc, sigma);
    square[bin] = errors.square / omega ** 2;
    gain[bin] = errors.gain;
  }
  return { square, gain };
}

function converted({ outputLevels, outputBound, outputNoise }: Adc, sigma: number) {
  const total = Math.sqrt(sigma ** 2 + outputNoise ** 2);
  const rho = (sigma / total) ** 2;
  const known = rho * outputNoise ** 2;
  if (outputBound === 0) return { square: outputNoise ** 2, gain: 0 };
  const perUnit = outputLevels / outputBound;
  const convert = (v: number): number =>
    outputLevels > 0
      ? clip(roundHalfEven(v * perUnit), outputLevels) / perUnit
      : clip(v, outputBound);
  // Much finer than a step of the ADC the integral need not be: there rounding is uniform noise.
  if (outputLevels > 0 && total * perUnit > STEPS / LIMIT && LIMIT * total < outputBound)
    return { square: outputNoise ** 2 + 1 / perUnit ** 2 / 12, gain: 0 };
  let [square, product, weights] = [0, 0, 0];
  for (let i = 0; i <= STEPS; i++) {
    const v = LIMIT * total * ((2 * i) / STEPS - 1);
    const weight = Math.exp(-((v / total) ** 2) / 2);
    square += weight * (convert(v) - rho * v) ** 2;
    product += weight * convert(v) * v;
    weights += weight;
  }
  // E[converted x sum] = rho E[converted x v]; the regression of the error on the sum is that less 1.
  return {
    square: square / weights + known,
    gain: (rho * product) / weights / sigma ** 2 - 1,
  };
}

/** Share of the position-weighted sum that IR drop takes, by current. [SIZE_BINS] */
export function dropShares(
  { irDrop, irDropConductanceRatio }: Pick<Periphery, "irDrop" | "irDropConductanceRatio">,
  omega: number,
): Float64Array {
  return Float64Array.from({ length: SIZE_BINS }, (_, bin) => {
    const current =
      (omega * Math.sqrt(sizeOfBin(bin) * sizeOfBin(bin + 1))) / irDropConductanceRatio;
    return irDrop === 0 ? 0 : irDrop * lostShare(current);
  });
}

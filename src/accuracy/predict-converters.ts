/** Mean and mean square of what DAC, ADC and wires do to a number, by the size of that number. */
import type { Periphery } from "../numerics/engine.ts";
import { lostShare } from "../numerics/periphery/ir-drop.ts";
import { roundHalfEven } from "../numerics/quantise.ts";
import {
  COARSE_BINS,
  type ColumnSums,
  coarseBin,
  pairOfBins,
  SIZE_BINS,
  sizeOfBin,
} from "../transformer/curvature.ts";
import { normalRule } from "./device-moments.ts";

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

type Adc = Pick<Periphery, "outputLevels" | "outputBound" | "outputNoise">;

/** Points of the integral over the noise before the ADC, and where it is cut, in sigmas. */
const NOISE_STEPS = 200;
const NOISE_LIMIT = 6;

/**
 * Errors of positive sums: noise before the ADC, its rounding and its clipping; those of negative
 * sums have the other sign. Sums are equally likely all over a bin.
 *
 * @param omega sums are in units of the largest weight; those of the ADC are omega times as large
 */
export function outputErrors(adc: Adc, omega: number): ErrorsBySize {
  const mean = new Float64Array(SIZE_BINS);
  const square = new Float64Array(SIZE_BINS);
  for (let bin = 0; bin < SIZE_BINS; bin++) {
    const begin = bin === 0 ? 0 : sizeOfBin(bin);
    const errors = converted(adc, omega * begin, omega * sizeOfBin(bin + 1));
    mean[bin] = errors.mean / omega;
    square[bin] = errors.square / omega ** 2;
  }
  return { mean, square };
}

/**
 * With noise n and v = sum + n, the error is n + (what the ADC makes of v) - v: of the second part the
 * mean over a bin is known in closed form, and noise takes one integral.
 */
function converted(adc: Adc, begin: number, end: number) {
  const { outputBound: bound, outputNoise: sigma } = adc;
  if (bound === 0) return { mean: 0, square: sigma ** 2 };
  const integrals = conversionIntegrals(adc);
  let [mean, square] = [0, sigma ** 2];
  for (const [z, weight] of sigma > 0 ? NOISE : NO_NOISE) {
    const noise = sigma * z;
    const [low, high] = [integrals(begin + noise), integrals(end + noise)];
    const first = (high.first - low.first) / (end - begin);
    mean += weight * first;
    square += weight * (2 * noise * first + (high.second - low.second) / (end - begin));
  }
  return { mean, square };
}

const NO_NOISE = [[0, 1]] as const;
const NOISE = normalRule(NOISE_STEPS, NOISE_LIMIT);

/**
 * Integrals from 0 to v of what the ADC adds to v, and of its square.
 *
 * Rounding by f takes v = n + f (in steps) to n: the integrals of -f and f^2 from 0 are -f^2 / 2 and
 * n / 12 + f^3 / 3. Above the bound the error is bound - v.
 */
function conversionIntegrals({ outputLevels, outputBound }: Adc) {
  const step = outputLevels > 0 ? outputBound / outputLevels : 0;
  return (v: number): { readonly first: number; readonly second: number } => {
    const size = Math.abs(v);
    const inside = Math.min(size, outputBound);
    const beyond = size - inside;
    // At a tie the integrals are the same, whether it is rounded up or down.
    const code = step > 0 ? roundHalfEven(inside / step) : 0;
    const rest = step > 0 ? inside - code * step : 0;
    const first = -(rest ** 2 + beyond ** 2) / 2;
    const second = (code * step ** 3) / 12 + (rest ** 3 + beyond ** 3) / 3;
    return { first, second: v < 0 ? -second : second };
  };
}

/**
 * What errors that are alike for sums of a size cost beyond what each costs by itself: half of
 * products of mean errors with the derivatives that belong together.
 *
 * @param mean errors by bin of `sizeBin`; of a coarse bin it is the mean as `squares` weighs them
 */
export function commonErrors({ squares, together }: ColumnSums, mean: Float64Array): number {
  const own = new Float64Array(COARSE_BINS);
  const alike = new Float64Array(COARSE_BINS);
  for (let bin = 0; bin < SIZE_BINS; bin++) {
    const coarse = coarseBin(bin);
    own[coarse] = own[coarse]! + squares[bin]!;
    alike[coarse] = alike[coarse]! + squares[bin]! * mean[bin]!;
  }
  for (let i = 0; i < COARSE_BINS; i++) alike[i] = own[i]! > 0 ? alike[i]! / own[i]! : 0;
  let sum = 0;
  for (let i = 0; i < COARSE_BINS; i++)
    for (let j = 0; j <= i; j++)
      sum += (i === j ? 1 : 2) * together[pairOfBins(i, j)]! * alike[i]! * alike[j]!;
  return sum / 2;
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

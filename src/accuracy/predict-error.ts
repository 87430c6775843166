/** What becomes of a weight in its cells, as a function of its size: mean and spread, without drawing any. */
import type { AnalogTile } from "../model/arch.ts";
import type { DeviceModel } from "../numerics/devices/device.ts";
import { deviceModel } from "../numerics/devices/index.ts";
import type { StuckFaults } from "../numerics/faults.ts";
import type { Slicing } from "../numerics/program.ts";
import { roundHalfEven } from "../numerics/quantise.ts";
import { requestOfTile } from "../numerics/tile.ts";
import {
  agedMoments,
  type Moments,
  meanMagnitude,
  programmedMoments,
  withFaults,
} from "./device-moments.ts";

/** Intervals between weights 0 and the largest; functions of the weight are linear within them. */
export const INTERVALS = 256;

/** Where many steps lie between two knots, the error is averaged over so many points around each. */
const POINTS_OF_KNOT = 8;

/** Moments of a held weight at the knots u = i / INTERVALS of the largest weight, in its unit. */
export interface HeldWeights {
  /** E(held); odd in u. */
  readonly mean: Float64Array;
  /** E(held - u)^2 is variance + (mean - u)^2. */
  readonly variance: Float64Array;
  /** E|held| right after programming and now: what drift compensation compares. */
  readonly programmedSize: Float64Array;
  readonly size: Float64Array;
}

/** What is done to one weight. */
export interface WriteModel {
  readonly device: DeviceModel;
  /** 0: right after programming. */
  readonly age_s: number;
  readonly levels?: number;
  readonly faults?: StuckFaults;
  /** Significance of each pair, lowest first; left out: one pair. */
  readonly pairs?: readonly number[];
  readonly slicing?: Slicing;
}

/** How a kind of tile writes its weights. @param noise_scale c of arXiv 2603.02633 */
export function writeModelOf(tile: AnalogTile, noise_scale: number, age_s: number): WriteModel {
  const { numerics } = tile;
  const { levels, faults, slicing } = requestOfTile(tile);
  return {
    device: deviceModel(numerics.devices, noise_scale),
    age_s,
    ...(levels !== undefined && { levels }),
    ...(faults && { faults }),
    ...(numerics.pairs && { pairs: numerics.pairs.significance_ratio }),
    ...(slicing && slicing.cell_bits !== undefined && { slicing }),
  };
}

/**
 * Programming, faults, levels, slices, drift and read noise since programming. Clamps at zero
 * conductance are in it; the position of the largest weight (omega) does not matter to it, as it is
 * in units of that weight.
 *
 * Where a weight and its negative are programmed to different conductances (one device a weight),
 * moments are the mean of the two, and what both have in common counts as spread.
 *
 * @throws InputError if the device model has no data for the age
 */
export function heldWeights(write: WriteModel): HeldWeights {
  const { slicing, levels, device, faults } = write;
  if (slicing !== undefined) return slicedWeights(write, slicing);
  const ages = write.age_s > 0 && device.ageing !== null;
  if (device.exact && faults === undefined && levels === undefined) return exactWeights();
  const at = (age_s: number) => weightMoments({ ...write, age_s });
  return tabulate(at(0), ages ? at(write.age_s) : null, levels === undefined ? 1 : POINTS_OF_KNOT);
}

type MomentsOf = (weight: number) => Moments;

function exactWeights(): HeldWeights {
  const mean = Float64Array.from({ length: INTERVALS + 1 }, (_, i) => i / INTERVALS);
  return { mean, variance: new Float64Array(INTERVALS + 1), programmedSize: mean, size: mean };
}

/**
 * Moments by knot. Where they jump from level to level, errors are averaged around a knot; what is
 * left of their mean square is spread.
 */
function tabulate(fresh: MomentsOf, aged: MomentsOf | null, points: number): HeldWeights {
  const columns = [0, 1, 2, 3].map(() => new Float64Array(INTERVALS + 1));
  const [mean, variance, programmedSize, size] = columns as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let knot = 0; knot <= INTERVALS; knot++) {
    let [error, square] = [0, 0];
    for (let p = 0; p < points; p++) {
      const offset = points === 1 ? 0 : (p + 0.5) / points - 0.5;
      const weight = Math.min(Math.max((knot + offset) / INTERVALS, 0), 1);
      const before = fresh(weight);
      const now = aged === null ? before : aged(weight);
      error += (now.mean - weight) / points;
      square += (now.variance + (now.mean - weight) ** 2) / points;
      programmedSize[knot]! += meanMagnitude(before) / points;
      size[knot]! += meanMagnitude(now) / points;
    }
    mean[knot] = knot / INTERVALS + error;
    variance[knot] = Math.max(0, square - error * error);
  }
  return { mean, variance, programmedSize, size };
}

/** Moments of a weight from 0 to 1 over all its pairs. */
function weightMoments(write: WriteModel): MomentsOf {
  const one = pairMoments(write);
  const { pairs } = write;
  if (pairs === undefined) return one;
  const total = pairs.reduce((a, b) => a + b, 0);
  return (weight) => {
    let [mean, variance, below] = [0, 0, 0];
    for (const significance of pairs) {
      const share = Math.min(Math.max((weight * total - below) / significance, 0), 1);
      const own = one(share);
      mean += (own.mean * significance) / total;
      variance += own.variance * (significance / total) ** 2;
      below += significance;
    }
    return { mean, variance };
  };
}

/** Moments of a weight from 0 to 1 in one pair, one device, or as a signed number. */
function pairMoments({ device, age_s, levels, faults }: WriteModel): MomentsOf {
  const { gMin_uS, gMax_uS, encoding } = device;
  const span_uS = gMax_uS - gMin_uS;
  const ageing = age_s > 0 ? (device.ageing?.(age_s) ?? null) : null;
  const held = (target_uS: number): Moments => {
    if (device.exact) return { mean: target_uS, variance: 0 };
    return ageing === null
      ? programmedMoments(device, target_uS)
      : agedMoments(device, ageing, target_uS);
  };
  const known = new Map<number, Moments>();
  const stuck = (target_uS: number): Moments => {
    const before = known.get(target_uS) ?? withFaults(held(target_uS), faults, device);
    known.set(target_uS, before);
    return before;
  };
  if (encoding === "pair")
    return (weight) => {
      const used = stuck(gMin_uS + onLevel(weight, levels) * span_uS);
      const unused = stuck(gMin_uS);
      return {
        mean: (used.mean - unused.mean) / span_uS,
        variance: (used.variance + unused.variance) / span_uS ** 2,
      };
    };
  if (encoding === "signed")
    // For faults a signed number counts as the difference of two devices.
    return (weight) => {
      const used = stuck(onLevel(weight, levels) * gMax_uS);
      const unused = withFaults({ mean: 0, variance: 0 }, faults, device);
      return {
        mean: (used.mean - unused.mean) / gMax_uS,
        variance: (used.variance + unused.variance) / gMax_uS ** 2,
      };
    };
  const zero_uS = (gMax_uS + gMin_uS) / 2;
  const unit_uS = span_uS / 2;
  return (weight) => {
    const target_uS = onLevel(weight, levels) * unit_uS;
    const [plus, minus] = [stuck(zero_uS + target_uS), stuck(zero_uS - target_uS)];
    const odd = (plus.mean - minus.mean) / 2;
    const even = (plus.mean + minus.mean) / 2 - zero_uS;
    const variance = (plus.variance + minus.variance) / 2 + even * even;
    return { mean: odd / unit_uS, variance: variance / unit_uS ** 2 };
  };
}

/** The nearest of the levels between 0 and 1. */
const onLevel = (share: number, levels: number | undefined): number =>
  levels === undefined ? share : roundHalfEven(share * (levels - 1)) / (levels - 1);

/** Digits of a weight on slices, each with the errors of its own cell. */
function slicedWeights(write: WriteModel, { slices, cell_bits }: Slicing): HeldWeights {
  const base = 2 ** cell_bits!;
  const codeMax = base ** slices - 1;
  const { slicing: _slicing, ...plain } = write;
  const cells = (age_s: number): MomentsOf => {
    const one = weightMoments({ ...plain, age_s, levels: base });
    const ofDigit = Array.from({ length: base }, (_, digit) => one(digit / (base - 1)));
    return (weight) => {
      let code = Math.round(weight * codeMax);
      let [mean, variance] = [0, 0];
      for (let s = 0; s < slices; s++, code = Math.floor(code / base)) {
        const worth = (base ** s * (base - 1)) / codeMax;
        const own = ofDigit[code % base]!;
        mean += worth * own.mean;
        variance += worth * worth * own.variance;
      }
      return { mean, variance };
    };
  };
  const ages = write.age_s > 0 && write.device.ageing !== null;
  return tabulate(cells(0), ages ? cells(write.age_s) : null, POINTS_OF_KNOT);
}

/**
 * Mean square error of programming at the knots, right after it.
 *
 * @returns in units of the square of the largest weight
 */
export function programmingErrors(device: DeviceModel): Float64Array {
  const { mean, variance } = heldWeights({ device, age_s: 0 });
  return variance.map((v, i) => v + (mean[i]! - i / INTERVALS) ** 2);
}

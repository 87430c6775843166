/** Networks on trial: programmed again and again, read at several ages, with one nonideality. */
import { type Estimate, estimate } from "../../accuracy/statistics.ts";
import type { AnalogTile } from "../../model/arch.ts";
import {
  type ErrorScale,
  ISO_ACCURATE,
  normalisedAccuracy,
} from "../metric/normalised-accuracy.ts";
import { type NonidealityName, nonideality, tileWith } from "../tolerance/nonidealities.ts";
import { findTolerance, type Tolerance } from "../tolerance/search.ts";

/** The digital network as it is, or the one that was trained with crossbars in the loop. */
export const VERSIONS = ["direct", "hardware-aware"] as const;
export type Version = (typeof VERSIONS)[number];

/** One act of programming, and when it is read. */
export interface Programming {
  readonly seed: number;
  readonly age_s: number;
  /**
   * Of a decoder: which matrices are analog, as on the command line; left out: those that were
   * trained for it. Must name no others.
   */
  readonly placement?: string;
}

/** A network that can be programmed and scored. */
export interface Trials {
  /** The digital network and chance, on the evaluation data. */
  readonly scale: ErrorScale;
  /** Error on the evaluation data, with all analog matrices on crossbars of the tile. */
  readonly error: (version: Version, tile: AnalogTile, programming: Programming) => Promise<number>;
}

/** Seeds 1 to n: the same for everything that is compared. */
export const seedsTo = (seeds: number): readonly number[] =>
  Array.from({ length: seeds }, (_, i) => i + 1);

/** A* of one version on one tile at one age, over programmings. */
export async function normalisedOver(
  { scale, error }: Trials,
  version: Version,
  tile: AnalogTile,
  age_s: number,
  seeds: number,
): Promise<Estimate> {
  const values: number[] = [];
  for (const seed of seedsTo(seeds))
    values.push(normalisedAccuracy(await error(version, tile, { seed, age_s }), scale));
  return estimate(values);
}

export interface ToleranceOptions {
  readonly version: Version;
  readonly name: NonidealityName;
  /** Whether the tile's other nonidealities stay. */
  readonly others: "off" | "on";
  readonly seeds: number;
  /** When drift and accumulated noise are read; that of all others if `others` stay. */
  readonly age_s: number;
}

/** The search ends when values differ by no more than this factor. */
const RATIO = 1.2;

/**
 * The strongest value of a nonideality at which the network is iso-accurate.
 *
 * @returns null if the tile's devices have no such thing
 */
export async function toleranceOf(
  trials: Trials,
  tile: AnalogTile,
  { version, name, others, seeds, age_s }: ToleranceOptions,
): Promise<Tolerance | null> {
  const { axis } = nonideality(name);
  if (tileWith(tile, name, axis.start, others) === null) return null;
  return findTolerance(axis, ISO_ACCURATE, RATIO, (value) =>
    normalisedOver(trials, version, tileWith(tile, name, value, others)!, age_s, seeds),
  );
}

/** Accuracy of both versions of a network at several ages: the first of the two tables. */
import { type Estimate, estimate } from "../../accuracy/statistics.ts";
import type { AnalogTile } from "../../model/arch.ts";
import { ISO_ACCURATE, normalisedAccuracy } from "../metric/normalised-accuracy.ts";
import { seedsTo, type Trials, VERSIONS, type Version } from "./trials.ts";

/** One version at one age. */
export interface AgedAccuracy {
  readonly version: Version;
  readonly age_s: number;
  readonly seeds: number;
  /** Share of wrong answers, or nats; over programmings. */
  readonly error: Estimate;
  /** A* over the same programmings. */
  readonly normalised: Estimate;
}

/** @param onTrial called after each programming */
export async function accuracyOverTime(
  trials: Trials,
  tile: AnalogTile,
  { seeds, ages_s }: { readonly seeds: number; readonly ages_s: readonly number[] },
  onTrial: () => void,
): Promise<readonly AgedAccuracy[]> {
  const rows: AgedAccuracy[] = [];
  for (const version of VERSIONS)
    for (const age_s of ages_s) {
      const errors: number[] = [];
      for (const seed of seedsTo(seeds)) {
        errors.push(await trials.error(version, tile, { seed, age_s }));
        onTrial();
      }
      rows.push(agedAccuracy(trials, version, age_s, errors));
    }
  return rows;
}

export const agedAccuracy = (
  { scale }: Pick<Trials, "scale">,
  version: Version,
  age_s: number,
  errors: readonly number[],
): AgedAccuracy => ({
  version,
  age_s,
  seeds: errors.length,
  error: estimate(errors),
  normalised: estimate(errors.map((error) => normalisedAccuracy(error, scale))),
});

/** When a network has to be iso-accurate. @source Rasch et al. 2023: one hour. */
export const ISO_AGE_S = 3600;

/** null: that age was not tried. */
export function isIsoAccurate(rows: readonly AgedAccuracy[], version: Version): boolean | null {
  const row = rows.find((r) => r.version === version && r.age_s === ISO_AGE_S);
  return row === undefined ? null : row.normalised.mean > ISO_ACCURATE;
}

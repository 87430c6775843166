/** How much of each nonideality both versions of a network stand: the second table. */
import type { Estimate } from "../../accuracy/statistics.ts";
import type { AnalogTile } from "../../model/arch.ts";
import type { ValueOfError } from "../tolerance/equal-error.ts";
import { tileWith } from "../tolerance/nonidealities.ts";
import type { Tolerance } from "../tolerance/search.ts";
import { normalisedOver, type ToleranceOptions, type Trials } from "./trials.ts";

/** One nonideality on one version. */
export interface Sensitivity extends ToleranceOptions {
  /** null: the tile's devices have no such thing. */
  readonly tolerance: Tolerance | null;
  /** A* where the nonideality alone makes the standard product so wrong; null: it cannot. */
  readonly atEqualError: (ValueOfError & { readonly normalised: Estimate }) | null;
}

/** Relative error of the standard product at which nonidealities are compared. @source Rasch 2023. */
export const EQUAL_ERROR = 0.2;

/** A* with one nonideality alone, at a value that gives a known error of the standard product. */
export async function accuracyAtError(
  trials: Trials,
  tile: AnalogTile,
  at: ValueOfError | null,
  { version, name, seeds, age_s }: Omit<ToleranceOptions, "others">,
): Promise<Sensitivity["atEqualError"]> {
  if (at === null) return null;
  const changed = tileWith(tile, name, at.value, "off")!;
  return { ...at, normalised: await normalisedOver(trials, version, changed, age_s, seeds) };
}

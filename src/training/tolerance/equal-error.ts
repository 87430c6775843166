/** How strong a nonideality has to be for a given error of a product: then the network decides. */
import type { AnalogTile } from "../../model/arch.ts";
import type { ReusableEngine } from "../../numerics/engines/reusable.ts";
import { mvmError, standardProduct } from "./mvm-error.ts";
import { type NonidealityName, nonideality, tileWith } from "./nonidealities.ts";
import type { SearchAxis } from "./search.ts";

/** Input vectors of the product: its error is then known to about a percent of itself. */
const ROWS = 64;
const PROGRAMMING_SEED = 1;
/** Halvings of the axis: from its whole length to a thousandth. */
const HALVINGS = 14;

export interface ValueOfError {
  readonly value: number;
  /** Relative error of the standard product that it has. */
  readonly error: number;
}

/**
 * The value, alone on the tile, at which the standard product is off by `target`, relative.
 *
 * @returns null if no value of the axis comes to it, or the devices have no such thing; for bits those
 *   whose error is nearest, with the error they have
 */
export function valueOfError(
  tile: AnalogTile,
  name: NonidealityName,
  target: number,
  age_s: number,
  engine: ReusableEngine,
): ValueOfError | null {
  const { axis } = nonideality(name);
  if (tileWith(tile, name, axis.start, "off") === null) return null;
  const product = standardProduct(tile, ROWS);
  const errorAt = (value: number): number =>
    mvmError(tileWith(tile, name, value, "off")!, product, engine, {
      seed: PROGRAMMING_SEED,
      age_s,
    });
  if (axis.whole) return nearestBits(axis, target, errorAt);
  let [low, high] = [Math.log(axis.mildest), Math.log(axis.harshest)];
  if (errorAt(axis.harshest) < target) return null;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (errorAt(Math.exp(middle)) < target) low = middle;
    else high = middle;
  }
  const value = Math.exp((low + high) / 2);
  return { value, error: errorAt(value) };
}

function nearestBits(
  { harshest, mildest }: SearchAxis,
  target: number,
  errorAt: (bits: number) => number,
): ValueOfError {
  const found: ValueOfError[] = [];
  for (let bits = harshest; bits <= mildest; bits++) {
    found.push({ value: bits, error: errorAt(bits) });
    if (found.at(-1)!.error < target) break;
  }
  const distance = ({ error }: ValueOfError): number => Math.abs(Math.log(error / target));
  return found.reduce((best, next) => (distance(next) < distance(best) ? next : best));
}

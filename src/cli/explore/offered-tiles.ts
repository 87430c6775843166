/** Kinds of tiles that the surrogate has to know. */
import { type Base, createResolver } from "../../explore/resolve.ts";
import type { Space } from "../../explore/space.ts";
import { parseArch } from "../../input/parse-arch.ts";
import type { AnalogTile } from "../../model/arch.ts";
import { InputError } from "../../model/issue.ts";

/** Fields that change how a matrix is cut, scaled or driven, and fields that hold these. */
const CHANGES_TILING =
  /^\/arch(\/tiles(\/\d+(\/(crossbar|numerics)(\/(rows|cols|slices|devices_per_cell|cell_bits|weight_scaling|input_range).*)?)?)?)?$/;

/**
 * The tiles of every valid chip of the space, as far as variables change their tiling; the other
 * variables are at their first value.
 */
export function offeredTiles(space: Space, base: Base): AnalogTile[] {
  const resolve = createResolver(space, base);
  let all: (readonly number[])[] = [space.variables.map(() => 0)];
  space.variables.forEach(({ pointers, values }, v) => {
    if (!pointers.some((pointer) => CHANGES_TILING.test(pointer))) return;
    all = all.flatMap((levels) => values.map((_, level) => levels.with(v, level)));
  });
  return all.flatMap((levels) => tilesOf(resolve(levels).arch));
}

/** None of a chip that is not valid: its points are errors. */
function tilesOf(value: unknown): readonly AnalogTile[] {
  try {
    return parseArch(value, "arch").tiles;
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

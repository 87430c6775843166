/** Kinds of tiles that the surrogate has to know. */

import type { Levels } from "../../explore/points.ts";
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
 * variables are at their first value, or one of them at another where that makes no valid chip.
 *
 * @throws InputError where there are none
 */
export function offeredTiles(space: Space, base: Base, file: string): AnalogTile[] {
  const resolve = createResolver(space, base);
  const changes = space.variables.map(({ pointers }) =>
    pointers.some((pointer) => CHANGES_TILING.test(pointer)),
  );
  let all: Levels[] = [space.variables.map(() => 0)];
  space.variables.forEach(({ values }, v) => {
    if (changes[v]) all = all.flatMap((levels) => values.map((_, level) => levels.with(v, level)));
  });
  const others = space.variables.flatMap(({ values }, v) =>
    changes[v] ? [] : values.slice(1).map((_, level) => [v, level + 1] as const),
  );
  const offered = all.flatMap((levels) => {
    for (const own of [levels, ...others.map(([v, level]) => levels.with(v, level))]) {
      const tiles = tilesOf(resolve(own).arch);
      if (tiles !== null) return tiles;
    }
    return [];
  });
  if (offered.length > 0) return offered;
  throw new InputError(file, [
    {
      pointer: "/base/arch",
      found: "no valid chip with analog tiles, and a loss to be predicted",
      allowed: "analog tiles",
    },
  ]);
}

/** null: the chip is not valid; its points are errors. */
function tilesOf(value: unknown): readonly AnalogTile[] | null {
  try {
    return parseArch(value, "arch").tiles;
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

import type { TileKinds } from "../../src/mapping/map.ts";
import type { WeightMatrix } from "../../src/model/matrix.ts";
import { ALWAYS_DIGITAL } from "../../src/model/matrix.ts";
import type { Placement } from "../../src/model/placement.ts";

/** A kind of tile with square crossbars. */
export const tiles = (count: number, tiers: number, side = 512, slices = 1) => ({
  count,
  crossbar: { rows: side, cols: side, tiers, slices, devices_per_cell: 2 },
});

export const chip = (...kinds: readonly TileKinds["tiles"][number][]): TileKinds => ({
  tiles: kinds,
});

/** Everything analog that may be. */
export const allAnalog = (matrices: readonly WeightMatrix[]): Placement => ({
  name: "all-analog",
  targets: matrices.map(({ module }) => (ALWAYS_DIGITAL.includes(module) ? "digital" : "analog")),
});

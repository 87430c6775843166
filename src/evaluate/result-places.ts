import { outputBytes } from "../cost/actions.ts";
import type { Resource } from "../lowering/resources.ts";
import { weightsPerCrossbar } from "../mapping/split.ts";
import type { AnalogTile, Arch } from "../model/arch.ts";

/**
 * Results that the resources of a chip can keep beside the one in work, as `OpGraph.buffers`: those
 * of tiles with back-pressure are limited by the output buffer, which holds results of whole
 * crossbars; one place is always there.
 *
 * @returns undefined if nothing is limited
 */
export function resultPlaces(
  { tiles }: Pick<Arch, "tiles">,
  resources: readonly Resource[],
): Int32Array | undefined {
  if (tiles.every((tile) => tile.back_pressure !== true)) return undefined;
  const places = tiles.map((tile) => (tile.back_pressure === true ? placesBeside(tile) : -1));
  return Int32Array.from(resources, ({ group, kind }) => (group === "tile" ? places[kind]! : -1));
}

function placesBeside(tile: AnalogTile): number {
  const result_B = outputBytes(tile, weightsPerCrossbar(tile.crossbar).cols);
  return Math.max(1, Math.floor(tile.output_buffer.capacity_B / result_B)) - 1;
}

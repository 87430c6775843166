/** Which cells are measured one after the other, so that they share what they have in common. */
import type { Cell, Cells } from "./cells.ts";
import type { NewTask } from "./pool.ts";

/** A cell under one seed. */
export type Sample = readonly [Cell, seed: number];

/**
 * Samples of the same crossbars at the same age under the same seed, on which programmed matrices are
 * the same. Seed by seed: small studies as a whole, so that one that is cut off has some of
 * everything, others tile by tile.
 *
 * @param seeds most seeds of a small study
 */
export function groupsOf(cells: Cells, seeds: number): readonly (readonly Sample[])[] {
  const isSmall = cells.every(([, count]) => count <= seeds);
  const groups = new Map<string, Sample[]>();
  const tiles = new Map<string, number>();
  for (const [cell, count] of cells) {
    if (!tiles.has(cell.tile)) tiles.set(cell.tile, tiles.size);
    for (let seed = 1; seed <= count; seed++) {
      const name = [cell.tile, cell.age_s, cell.effects, cell.measure, seed].join("|");
      const group = groups.get(name) ?? [];
      groups.set(name, group);
      group.push([cell, seed]);
    }
  }
  const placeOf = (cell: Cell): number => (isSmall ? 0 : tiles.get(cell.tile)!);
  return [...groups.values()]
    .map((group) => ({ group, place: placeOf(group[0]![0]), seed: group[0]![1] }))
    .sort((a, b) => a.place - b.place || a.seed - b.seed)
    .map(({ group }) => group);
}

/** Placements that agree on their first layers next to each other. */
export function inSharingOrder<T extends { readonly task: NewTask }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => compare(a.task.tileKinds, b.task.tileKinds));
}

function compare(a: Int32Array, b: Int32Array): number {
  const at = a.findIndex((kind, i) => kind !== b[i]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}

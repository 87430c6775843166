import type { Mapping } from "../mapping/mapping.ts";
import type { Arch } from "../model/arch.ts";

type ResourceGroup = "tile" | "local-unit" | "core" | "memory";

/** Something that serves a number of ops at a time. */
export interface Resource {
  readonly name: string;
  readonly group: ResourceGroup;
  /** Index into `arch.tiles`, `arch.cores` or `arch.memories`, by group. */
  readonly kind: number;
  readonly servers: number;
}

export interface Resources {
  readonly list: readonly Resource[];
  /** A tile reads one tier at a time, so it is one resource however many tiers it has. */
  readonly ofTile: (tile: number) => number;
  readonly ofLocalUnit: (tile: number) => number;
  readonly ofCore: (core: number) => number;
  readonly ofMemory: (memory: number) => number;
}

/** Numbers cores and memories, then two resources for each tile in use. */
export function createResources(arch: Arch, mapping: Mapping): Resources {
  const list: Resource[] = [];
  arch.cores.forEach(({ name, count }, kind) => {
    list.push({ name, group: "core", kind, servers: count });
  });
  arch.memories.forEach(({ name }, kind) => {
    list.push({ name, group: "memory", kind, servers: 1 });
  });
  const firstTileResource = list.length;
  const place = new Map<number, number>();
  const tiles = usedTiles(
    mapping,
    arch.tiles.reduce((sum, { count }) => sum + count, 0),
  );
  const kindOf = tileKinds(arch);
  tiles.forEach((tile, i) => {
    const kind = kindOf(tile);
    const name = `${arch.tiles[kind]!.name} ${tile}`;
    place.set(tile, firstTileResource + 2 * i);
    list.push({ name, group: "tile", kind, servers: 1 });
    list.push({ name: `${name} local unit`, group: "local-unit", kind, servers: 1 });
  });
  return {
    list,
    ofTile: (tile) => place.get(tile)!,
    ofLocalUnit: (tile) => place.get(tile)! + 1,
    ofCore: (core) => core,
    ofMemory: (memory) => arch.cores.length + memory,
  };
}

/** Tiles that hold a block or a shared place, ascending. */
function usedTiles({ tile, slots, copies }: Mapping, tiles: number): readonly number[] {
  const isUsed = new Uint8Array(tiles);
  for (const t of tile) if (t >= 0) isUsed[t] = 1;
  for (const t of slots?.tile ?? []) isUsed[t] = 1;
  for (const t of copies?.tile ?? []) isUsed[t] = 1;
  const used: number[] = [];
  for (let t = 0; t < tiles; t++) if (isUsed[t] === 1) used.push(t);
  return used;
}

/** Tiles are numbered kind after kind. */
function tileKinds(arch: Arch): (tile: number) => number {
  const ends: number[] = [];
  for (const { count } of arch.tiles) ends.push((ends[ends.length - 1] ?? 0) + count);
  return (tile) => ends.findIndex((end) => tile < end);
}

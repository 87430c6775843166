import type { Mapping } from "../mapping/mapping.ts";
import type { Arch } from "../model/arch.ts";

type ResourceGroup = "tile" | "local-unit" | "core" | "memory";

/** Something that serves a number of ops at a time; tiles of a kind, and their units, are alike. */
export interface Resource {
  readonly group: ResourceGroup;
  /** Index into `arch.tiles`, `arch.cores` or `arch.memories`, by group. */
  readonly kind: number;
  readonly servers: number;
}

export interface Resources {
  readonly list: readonly Resource[];
  readonly nameOf: (resource: number) => string;
  /** A tile reads one tier at a time, so it is one resource however many tiers it has. */
  readonly ofTile: (tile: number) => number;
  readonly ofLocalUnit: (tile: number) => number;
  readonly ofCore: (core: number) => number;
  readonly ofMemory: (memory: number) => number;
}

/** Numbers cores and memories, then two resources for each tile in use. */
export function createResources(arch: Arch, mapping: Mapping): Resources {
  const list: Resource[] = [];
  arch.cores.forEach(({ count }, kind) => {
    list.push({ group: "core", kind, servers: count });
  });
  arch.memories.forEach((_, kind) => {
    list.push({ group: "memory", kind, servers: 1 });
  });
  const firstTileResource = list.length;
  const tileCount = arch.tiles.reduce((sum, { count }) => sum + count, 0);
  const tiles = usedTiles(mapping, tileCount);
  const kindOf = tileKinds(arch);
  const crossbars = arch.tiles.map((_, kind): Resource => ({ group: "tile", kind, servers: 1 }));
  const units = arch.tiles.map((_, kind): Resource => ({ group: "local-unit", kind, servers: 1 }));
  const place = new Int32Array(tileCount);
  for (let i = 0; i < tiles.length; i++) {
    const kind = kindOf(tiles[i]!);
    place[tiles[i]!] = list.length;
    list.push(crossbars[kind]!, units[kind]!);
  }
  return {
    list,
    nameOf: (resource) => {
      const { group, kind } = list[resource]!;
      if (group === "core") return arch.cores[kind]!.name;
      if (group === "memory") return arch.memories[kind]!.name;
      const tile = tiles[(resource - firstTileResource) >> 1]!;
      const name = `${arch.tiles[kind]!.name} ${tile}`;
      return group === "tile" ? name : `${name} local unit`;
    },
    ofTile: (tile) => place[tile]!,
    ofLocalUnit: (tile) => place[tile]! + 1,
    ofCore: (core) => core,
    ofMemory: (memory) => arch.cores.length + memory,
  };
}

/** Tiles that hold a block or a shared place, ascending. */
function usedTiles({ tile, slots, copies }: Mapping, tiles: number): readonly number[] {
  const isUsed = new Uint8Array(tiles);
  for (let b = 0; b < tile.length; b++) if (tile[b]! >= 0) isUsed[tile[b]!] = 1;
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

/** Where things sit on the chip, and what they did there. */
import { chipComponents, tileArea_mm2, tileParts, tileStatic_mW } from "../cost/area.ts";
import { createTopology } from "../interconnect/index.ts";
import { withPorts } from "../interconnect/ports.ts";
import { type Mapping, matrixOfBlock } from "../mapping/mapping.ts";
import { tileNodes } from "../mapping/position.ts";
import type { Arch } from "../model/arch.ts";
import type { Chip } from "../model/chip-use.ts";
import type { ChipUse } from "../model/evaluation.ts";
import { drawnGrid } from "../model/interconnect.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import { nsFromPs } from "../units/convert.ts";
import type { Machine } from "./machine.ts";
import type { PhaseResult } from "./phase.ts";

type FloorplanOf = ChipUse["floorplan"];

const UM2_PER_MM2 = 1e6;

/** The chip itself: the same for every placement. */
export function chipOf(arch: Arch): Chip {
  const { interconnect } = arch;
  const grid = drawnGrid(interconnect);
  const tiles = arch.tiles.reduce((sum, { count }) => sum + count, 0);
  const ofTiles = new Set(arch.tiles.flatMap((tile) => tileParts(tile).map((p) => p.component)));
  return {
    topology: interconnect.kind,
    grid_cols: grid.cols,
    grid_rows: grid.rows,
    hub_nodes: [...interconnect.hub_nodes],
    tile_kinds: arch.tiles.map((tile) => ({
      name: tile.name,
      count: tile.count,
      area_mm2: tileArea_mm2(tile),
      rows: tile.crossbar.rows,
      cols: tile.crossbar.cols,
      tiers: tile.crossbar.tiers,
      parts: tileParts(tile).map(({ component, perTile, area_um2 }) => ({
        component,
        area_mm2: (perTile * area_um2) / UM2_PER_MM2,
      })),
    })),
    blocks: chipComponents(arch)
      .filter(({ component }) => !ofTiles.has(component))
      .map(({ component, instances, area_mm2 }) => ({ component, instances, area_mm2 })),
    tile_nodes: [...tileNodes(interconnect, tiles)],
  };
}

/** One placement on it, after its run. */
export function floorplanOf(
  arch: Arch,
  matrices: readonly WeightMatrix[],
  mapping: Mapping,
  machine: Machine,
  phases: readonly PhaseResult[],
): FloorplanOf {
  const held = blocksByTile(mapping);
  const tiles = [...new Set([...held.keys(), ...(mapping.slots?.tile ?? [])])].sort(
    (a, b) => a - b,
  );
  const duration_ns = phases.reduce((sum, { cost }) => sum + cost.duration_ns, 0);
  const kindOf = tileKindOf(arch);
  const work = tileWork(machine, phases, tiles);
  const energy_pJ = tiles.map(
    (tile, i) => work[i]!.dynamic_pJ + tileStatic_mW(arch.tiles[kindOf(tile)]!) * duration_ns,
  );
  const blocks = tiles.map((tile) => held.get(tile) ?? []);
  return {
    duration_ns,
    tiles,
    layers: blocks.map((own) => layersOf(own, mapping, matrices)),
    cells_frac: tiles.map((tile, i) => cellsOf(arch.tiles[kindOf(tile)]!, blocks[i]!, mapping)),
    busy_frac: work.map(({ busy_ns }) => (duration_ns > 0 ? busy_ns / duration_ns : 0)),
    energy_pJ,
    density_mW_per_mm2: tiles.map((tile, i) => {
      const area_mm2 = tileArea_mm2(arch.tiles[kindOf(tile)]!);
      return area_mm2 > 0 && duration_ns > 0 ? energy_pJ[i]! / duration_ns / area_mm2 : 0;
    }),
    blocks: blocks.map((own) => own.flatMap((block) => describeBlock(block, mapping))),
    links: linkTraffic(arch, phases),
  };
}

function blocksByTile(mapping: Mapping): Map<number, number[]> {
  const held = new Map<number, number[]>();
  for (let block = 0; block < mapping.blockCount; block++) {
    const tile = mapping.tile[block]!;
    if (tile < 0) continue;
    const own = held.get(tile);
    if (own === undefined) held.set(tile, [block]);
    else own.push(block);
  }
  return held;
}

/** Tiles are numbered kind after kind. */
function tileKindOf({ tiles }: Arch): (tile: number) => number {
  let end = 0;
  const ends = tiles.map(({ count }) => {
    end += count;
    return end;
  });
  return (tile) => ends.findIndex((last) => tile < last);
}

/** Busy time of the crossbars, and dynamic energy of crossbar and local unit, of each tile. */
function tileWork(machine: Machine, phases: readonly PhaseResult[], tiles: readonly number[]) {
  const { resources } = machine.lowering;
  const first = resources.findIndex(({ group }) => group === "tile");
  return tiles.map((_, i) => {
    const crossbar = first + 2 * i;
    const sum = (values: (phase: PhaseResult) => number): number =>
      phases.reduce((total, phase) => total + values(phase), 0);
    return {
      busy_ns: nsFromPs(sum(({ busy_ps }) => busy_ps[crossbar]!)),
      dynamic_pJ: sum(({ use }) =>
        use === null ? 0 : use.resource_pJ[crossbar]! + use.resource_pJ[crossbar + 1]!,
      ),
    };
  });
}

function layersOf(
  blocks: readonly number[],
  mapping: Mapping,
  matrices: readonly WeightMatrix[],
): number[] {
  const layers = new Set(blocks.map((block) => matrices[matrixOfBlock(mapping, block)]!.layer));
  return [...layers].sort((a, b) => a - b);
}

function cellsOf(
  { crossbar }: Arch["tiles"][number],
  blocks: readonly number[],
  mapping: Mapping,
): number {
  const cells = blocks.reduce((sum, block) => sum + weightsOf(mapping, block), 0);
  return (cells * crossbar.slices) / (crossbar.rows * crossbar.cols * crossbar.tiers);
}

function weightsOf(mapping: Mapping, block: number): number {
  const matrix = matrixOfBlock(mapping, block);
  const { rowBegin, rowEnd, colBegin, colEnd } = mapping.cuts[matrix]!;
  const i = block - mapping.blockBegin[matrix]!;
  return (rowEnd[i]! - rowBegin[i]!) * (colEnd[i]! - colBegin[i]!);
}

/** Matrix, place among its blocks, tier. */
function describeBlock(block: number, mapping: Mapping): number[] {
  const matrix = matrixOfBlock(mapping, block);
  return [matrix, block - mapping.blockBegin[matrix]!, mapping.tier[block]!];
}

/** Links between neighbours that carried something, prefill and decode together. */
function linkTraffic({ interconnect }: Arch, phases: readonly PhaseResult[]): FloorplanOf["links"] {
  const network = withPorts(createTopology(interconnect));
  const sums = new Map<number, number>();
  for (const { use } of phases)
    use?.link_B().forEach((bytes, link) => {
      if (bytes > 0) sums.set(link, (sums.get(link) ?? 0) + bytes);
    });
  const traffic = [...sums]
    .flatMap(([link, bytes]) => {
      const [from, to] = network.linkEnds(link) ?? [0, 0];
      return from === to ? [] : [{ from, to, bytes }];
    })
    .sort((a, b) => a.from - b.from || a.to - b.to);
  return {
    from_nodes: traffic.map(({ from }) => from),
    to_nodes: traffic.map(({ to }) => to),
    traffic_B: traffic.map(({ bytes }) => bytes),
  };
}

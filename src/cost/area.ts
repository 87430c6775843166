/** Area and static power, part by part. */
import type { AnalogTile, Arch, Gated } from "../model/arch.ts";
import { routerCount } from "../model/interconnect.ts";
import { unreachable } from "../units/exhaustive.ts";
import { adcsPerTile } from "./components/adc.ts";
import { idleShare, type StaticPart } from "./gating.ts";

const UM2_PER_MM2 = 1e6;

/** All instances of one component of the chip. */
export interface ChipComponent {
  readonly component: string;
  readonly instances: number;
  readonly area_mm2: number;
  /** Drawn all the time; what gated parts draw more while they work is charged to ops. */
  readonly static_mW: number;
}

/** A part and how many of it one tile has. */
interface Part {
  readonly component: string;
  readonly perTile: number;
  readonly area_um2: number;
  /** While it works. */
  readonly static_mW: number;
  /** Share of that while it does not. */
  readonly idle_frac: number;
}

/** Lists the components of the chip; their areas and static powers sum to the chip's. */
export function chipComponents(arch: Arch): readonly ChipComponent[] {
  return [
    ...arch.tiles.flatMap((tile) => tileParts(tile).map((part) => rows(part, tile.count))),
    ...arch.cores.map((core) => total(core.name, core.count, core, idleShare(core))),
    ...arch.memories.map((memory) => total(memory.name, 1, memory, idleShare(memory))),
    total("interconnect", routerCount(arch.interconnect), arch.interconnect),
    ...arch.fixed.map((part) => total(part.name, 1, part)),
  ];
}

/** Area of one tile with all of its tiers. */
export function tileArea_mm2(tile: AnalogTile): number {
  return sum(tileParts(tile).map((part) => part.perTile * part.area_um2)) / UM2_PER_MM2;
}

/** Static power of one tile that has nothing to do. */
export function tileStatic_mW(tile: AnalogTile): number {
  return sum(tileParts(tile).map((part) => part.perTile * part.static_mW * part.idle_frac));
}

/** Parts of a tile that wake up for a read: all but the local unit and what is always on. */
export function readingParts(tile: AnalogTile): readonly StaticPart[] {
  return [
    ...coreParts(tile, makePart(tile)),
    makePart(tile)("input buffer", 1, tile.input_buffer),
    makePart(tile)("output buffer", 1, tile.output_buffer),
  ].map(({ component, perTile, static_mW }) => ({ component, instances: perTile, static_mW }));
}

export function chipArea_mm2(arch: Arch): number {
  return sum(chipComponents(arch).map((row) => row.area_mm2));
}

export function chipStatic_mW(arch: Arch): number {
  return sum(chipComponents(arch).map((row) => row.static_mW));
}

/**
 * Area of the chip without the tiles that hold no weights.
 *
 * @param tilesUsedByKind tiles that hold at least one block; index as in `arch.tiles`
 */
export function occupiedArea_mm2(arch: Arch, tilesUsedByKind: readonly number[]): number {
  const idle_mm2 = arch.tiles.map(
    (tile, kind) => (tile.count - (tilesUsedByKind[kind] ?? 0)) * tileArea_mm2(tile),
  );
  return chipArea_mm2(arch) - sum(idle_mm2);
}

/** Converters and drivers are there once per tile: its tiers share them. */
export function tileParts(tile: AnalogTile): readonly Part[] {
  const part = makePart(tile);
  const alwaysOn = makePart({ name: tile.name });
  return [
    ...coreParts(tile, part),
    part("input buffer", 1, tile.input_buffer),
    part("output buffer", 1, tile.output_buffer),
    part("local unit", 1, tile.local_unit),
    ...(tile.fixed ?? []).map((each) => alwaysOn(each.name, 1, each)),
  ];
}

function makePart(tile: Gated & { readonly name: string }): MakePart {
  return (component, perTile, { area_um2, static_mW }) => ({
    component: `${tile.name} ${component}`,
    perTile,
    area_um2,
    static_mW,
    idle_frac: idleShare(tile),
  });
}

type MakePart = (
  component: string,
  perTile: number,
  each: { readonly area_um2: number; readonly static_mW: number },
) => Part;

function coreParts({ cost, crossbar, output }: AnalogTile, part: MakePart): readonly Part[] {
  switch (cost.kind) {
    case "components":
      return [
        part("row driver", crossbar.rows, cost.row_driver),
        part("crossbar", 1, cost.crossbar),
        part("sample-and-hold", crossbar.cols, cost.sample_hold),
        part("adc", adcsPerTile(crossbar.cols, output.columns_per_adc), cost.adc),
        part("shift-and-add", cost.shift_add.units, cost.shift_add),
      ];
    case "lumped":
      return [part("crossbar", 1, cost)];
    default:
      return unreachable(cost);
  }
}

function rows(part: Part, tiles: number): ChipComponent {
  return total(part.component, part.perTile * tiles, part, part.idle_frac);
}

function total(
  component: string,
  instances: number,
  each: { readonly area_um2: number; readonly static_mW: number },
  idle_frac = 1,
): ChipComponent {
  return {
    component,
    instances,
    area_mm2: (instances * each.area_um2) / UM2_PER_MM2,
    static_mW: instances * each.static_mW * idle_frac,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

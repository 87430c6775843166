import { describe, expect, test } from "vitest";
import {
  chipArea_mm2,
  chipComponents,
  chipStatic_mW,
  occupiedArea_mm2,
  tileArea_mm2,
  tileStatic_mW,
} from "../../src/cost/area.ts";
import { archNames, loadArch } from "./load-arch.ts";

describe.each(archNames)("area and static power of %s", (name) => {
  const arch = loadArch(name);

  test("rows sum to the chip; tiles are rows per tile times tiles", () => {
    const rows = chipComponents(arch);
    const sum = (of: "area_mm2" | "static_mW", keep: (component: string) => boolean) =>
      rows.filter((row) => keep(row.component)).reduce((total, row) => total + row[of], 0);
    expect(sum("area_mm2", () => true)).toBeCloseTo(chipArea_mm2(arch), 9);
    expect(sum("static_mW", () => true)).toBeCloseTo(chipStatic_mW(arch), 6);
    for (const tile of arch.tiles) {
      const ofTile = (component: string) => component.startsWith(`${tile.name} `);
      expect(sum("area_mm2", ofTile)).toBeCloseTo(tile.count * tileArea_mm2(tile), 6);
      expect(sum("static_mW", ofTile)).toBeCloseTo(tile.count * tileStatic_mW(tile), 6);
    }
  });

  test("component names tell rows apart", () => {
    const names = chipComponents(arch).map((row) => row.component);
    expect(new Set(names).size).toBe(names.length);
  });

  test("occupied area: all of the chip with every tile in use, the rest of it with none", () => {
    const all = arch.tiles.map((tile) => tile.count);
    const tiles_mm2 = arch.tiles.reduce((sum, tile) => sum + tile.count * tileArea_mm2(tile), 0);
    expect(occupiedArea_mm2(arch, all)).toBeCloseTo(chipArea_mm2(arch), 9);
    expect(
      occupiedArea_mm2(
        arch,
        all.map(() => 0),
      ),
    ).toBeCloseTo(chipArea_mm2(arch) - tiles_mm2, 6);
  });
});

test("tiers are stacked: they add crossbars and no area", () => {
  const arch = loadArch("hetero-pcm");
  const tile = arch.tiles[0]!;
  const flat = { ...tile, crossbar: { ...tile.crossbar, tiers: 1 } };
  expect(tileArea_mm2(flat)).toBe(tileArea_mm2(tile));
});

test("a tile of hetero-pcm, by hand, in um2", () => {
  const parts = 512 * 20.82 + 1e6 + 512 * 0.0390625 + 64 * 1000 + 64 * 22.17 + 2 * 1552 + 4080;
  expect(tileArea_mm2(loadArch("hetero-pcm").tiles[0]!) * 1e6).toBeCloseTo(parts, 0);
});

test("drivers belong to rows; samplers and converters to columns, the last group in part", () => {
  const arch = loadArch("hetero-pcm");
  const tile = arch.tiles[0]!;
  const oblong = { ...tile, count: 1, crossbar: { ...tile.crossbar, rows: 300, cols: 100 } };
  const instances = (component: string) =>
    chipComponents({ ...arch, tiles: [oblong] }).find(
      (row) => row.component === `pcm-tile ${component}`,
    )?.instances;
  expect(instances("row driver")).toBe(300);
  expect(instances("sample-and-hold")).toBe(100);
  expect(instances("adc")).toBe(13);
});

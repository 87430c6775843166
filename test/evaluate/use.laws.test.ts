import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import { expertLoad } from "../../src/evaluate/expert-load.ts";
import { chipOf } from "../../src/evaluate/floorplan.ts";
import type { CostOptions } from "../../src/model/run.ts";
import { allAnalog, expertsAnalog, loadArch, loadWorkload, OPTIONS } from "./load.ts";

const arch = loadArch("hetero-pcm");
const models = [
  { ...loadWorkload("tiny-olmoe"), layers: 2 },
  { ...loadWorkload("tiny-deepseekmoe"), layers: 2 },
];
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const run = fc.record({
  workload: fc.constantFrom(...models),
  place: fc.constantFrom(allAnalog, expertsAnalog),
  prefill_tokens: fc.integer({ min: 1, max: 4 }),
  batch: fc.integer({ min: 1, max: 2 }),
});

test("layers sum to the dynamic energy of their phase, component by component", () => {
  fc.assert(
    fc.property(run, ({ workload, place, ...options }) => {
      const cost = evaluateCost(arch, workload, place(workload), {
        ...OPTIONS,
        ...options,
        detail: true,
      });
      for (const { phase, components } of cost.use!.layers!)
        for (const { component, energy_pJ } of components) {
          const rows = cost.breakdown.filter(
            (row) => row.phase === phase && row.component === component && row.action !== "static",
          );
          const expected = sum(rows.map((row) => row.energy_pJ));
          expect(sum(energy_pJ)).toBeCloseTo(expected, expected > 1e6 ? 0 : 3);
        }
    }),
    { numRuns: 8 },
  );
});

test("tiles of a floorplan sum to what the report says of tiles", () => {
  fc.assert(
    fc.property(run, ({ workload, place, ...options }) => {
      const cost = evaluateCost(arch, workload, place(workload), {
        ...OPTIONS,
        ...options,
        detail: true,
      });
      const { tiles, busy_frac, energy_pJ, cells_frac, blocks, links } = cost.use!.floorplan;
      expect(tiles).toHaveLength(cost.tiles_used);
      expect(sum(busy_frac) / tiles.length).toBeCloseTo(cost.analog_busy_frac!, 10);
      expect(sum(blocks!.map((own) => own.length / 3))).toBe(cost.crossbars_used);
      const { tiers } = arch.tiles[0]!.crossbar;
      expect((sum(cells_frac) * tiers) / cost.crossbars_used).toBeCloseTo(
        cost.cell_utilisation_frac,
        10,
      );
      const ofTiles = new Set(chipOf(arch).tile_kinds[0]!.parts.map((part) => part.component));
      const rows = cost.breakdown.filter((row) => ofTiles.has(row.component));
      const all = sum(rows.map((row) => row.energy_pJ));
      const idle = arch.tiles[0]!.count - tiles.length;
      const static_pJ = sum(rows.filter((r) => r.action === "static").map((r) => r.energy_pJ));
      const used_pJ = all - (static_pJ * idle) / arch.tiles[0]!.count;
      expect(sum(energy_pJ) / used_pJ).toBeCloseTo(1, 9);
      const hop_pJ = sum(
        cost.breakdown
          .filter((row) => row.component === "interconnect" && row.action !== "static")
          .map((row) => row.energy_pJ),
      );
      const perByte = arch.interconnect.hop_pJ_per_B;
      expect((sum(links.traffic_B) * perByte) / hop_pJ).toBeCloseTo(1, 9);
    }),
    { numRuns: 8 },
  );
});

test("every token is sent to its experts in every layer", () => {
  const [workload] = models;
  const options: CostOptions = { ...OPTIONS, batch: 3, prefill_tokens: 5, decode_tokens: 2 };
  const load = expertLoad(workload!, options);
  for (const layer of load) expect(sum(layer)).toBe(3 * 7 * workload!.moe.active_experts);
});

test("the areas of a chip's drawing sum to the chip's area", () => {
  const chip = chipOf(arch);
  const tiles_mm2 = sum(
    chip.tile_kinds.map(({ count, parts }) => count * sum(parts.map((part) => part.area_mm2))),
  );
  const { area_mm2 } = evaluateCost(arch, models[0]!, allAnalog(models[0]!), OPTIONS);
  expect((tiles_mm2 + sum(chip.blocks.map((b) => b.area_mm2))) / area_mm2).toBeCloseTo(1, 10);
});

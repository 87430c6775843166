import { describe, expect, test } from "vitest";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import type { Arch } from "../../src/model/arch.ts";
import type { CostEvaluation, WaitReason } from "../../src/model/evaluation.ts";
import { allAnalog, allDigital, loadArch, loadWorkload, OPTIONS } from "./load.ts";

const arch = loadArch("hetero-pcm");
const workload = { ...loadWorkload("tiny-olmoe"), layers: 2 };
const explained = (chip: Arch, place: typeof allAnalog, prefill_tokens: number) =>
  evaluateCost(chip, workload, place(workload), { ...OPTIONS, prefill_tokens, explain: true });
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe.each([
  ["all analog", allAnalog],
  ["all digital", allDigital],
] as const)("%s", (_, place) => {
  const result = explained(arch, place, 6);

  test("the critical path adds up to each phase, and asking changes no figure", () => {
    const { critical } = result.explanation!;
    for (const phase of ["prefill", "decode"] as const) {
      const own = critical.filter((row) => row.phase === phase);
      expect(sum(own.map((row) => row.time_ns)) / result[phase]!.duration_ns).toBeCloseTo(1, 12);
      expect(new Set(own.map((row) => row.layer))).toEqual(new Set([-1, 0, 1]));
    }
    const { explanation: _explanation, ...figures } = result;
    const plain = evaluateCost(arch, workload, place(workload), { ...OPTIONS, prefill_tokens: 6 });
    expect(figures).toEqual(plain);
    expect(plain.explanation).toBeUndefined();
  });
});

test("digital weights make ops wait for cores and for DRAM", () => {
  const reasons = explained(arch, allDigital, 6).explanation!.waiting.map(({ reason }) => reason);
  expect(reasons).toContain("core busy");
  expect(reasons).toContain("DRAM busy");
});

test("stacked tiers: reads of another tier are in the way; spread out they are not", () => {
  const tiles = (count: number): Arch => ({
    ...arch,
    tiles: arch.tiles.map((tile) => ({ ...tile, count })),
  });
  const conflicts_ns = (count: number): number =>
    sum(
      explained(tiles(count), allAnalog, 6)
        .explanation!.waiting.filter(({ reason }) => reason === "tier conflict")
        .map(({ waited_ns }) => waited_ns),
    );
  expect(conflicts_ns(480)).toBe(0);
  expect(conflicts_ns(4)).toBeGreaterThan(0);
});

/** Chips on which the small model waits for one thing, by the reason that it is. */
const WAITS: Readonly<Partial<Record<WaitReason, () => CostEvaluation>>> = {
  "tile busy": () => explained(withCores(64), allAnalog, 12),
  "tier conflict": () => explained(withTile({ count: 4 }), allAnalog, 6),
  "ADC busy": () => explained(withTile(slowAdc()), allAnalog, 12),
  "crossbar written": () =>
    evaluateCost(withTile({ count: 1, crossbar: fewTiers() }), workload, allAnalog(workload), {
      ...OPTIONS,
      overflow: "reprogram",
      explain: true,
    }),
  "local unit busy": () => explained(withTile(slowUnit()), allAnalog, 6),
  "core busy": () => explained(arch, allDigital, 6),
  "DRAM busy": () => explained(arch, allDigital, 6),
  "memory busy": () => explained(withMemory("sram", { bandwidth_GBps: 0.1 }), allDigital, 6),
  "KV memory busy": () => explained(arch, allDigital, 12),
  "link busy": () => explained(withLinks(0.05), allAnalog, 6),
  "port busy": () => explained(withLinks(0.05), allAnalog, 6),
};

const withTile = (more: Partial<Arch["tiles"][number]>): Arch => ({
  ...arch,
  tiles: arch.tiles.map((tile) => ({ ...tile, ...more })),
});
const withCores = (count: number): Arch => ({
  ...arch,
  cores: arch.cores.map((core) => ({ ...core, count })),
});
const withLinks = (link_GBps: number): Arch => ({
  ...arch,
  interconnect: { ...arch.interconnect, link_GBps },
});
const withMemory = (name: string, more: Partial<Arch["memories"][number]>): Arch => ({
  ...arch,
  memories: arch.memories.map((each) => (each.name === name ? { ...each, ...more } : each)),
});
const fewTiers = () => ({ ...arch.tiles[0]!.crossbar, tiers: 40 });
const slowUnit = () => ({ local_unit: { ...arch.tiles[0]!.local_unit, clock_GHz: 0.01 } });
function slowAdc() {
  const { cost } = arch.tiles[0]!;
  if (cost.kind !== "components") throw new Error("hetero-pcm is priced by parts");
  return { cost: { ...cost, adc: { ...cost.adc, conversion_ns: 1000 } } };
}

test.each(Object.entries(WAITS))(
  "there is a chip on which ops wait because of: %s",
  (reason, run) => {
    const { waiting } = run().explanation!;
    const rows = waiting.filter((row) => row.reason === reason);
    expect(rows.length).toBeGreaterThan(0);
    for (const { waited_ns, ops, component } of rows) {
      expect(waited_ns).toBeGreaterThan(0);
      expect(ops).toBeGreaterThan(0);
      expect(component).not.toBe("");
    }
  },
);

test("converters that are fast enough are never what a tile waits for", () => {
  const { waiting } = explained(arch, allAnalog, 12).explanation!;
  expect(waiting.some(({ reason }) => reason === "ADC busy")).toBe(false);
});

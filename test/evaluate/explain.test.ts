import { describe, expect, test } from "vitest";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import type { Arch } from "../../src/model/arch.ts";
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

import { expect, test } from "vitest";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import type { Arch } from "../../src/model/arch.ts";
import type { CostEvaluation } from "../../src/model/evaluation.ts";
import type { Workload } from "../../src/model/workload.ts";
import { allAnalog, loadArch, loadWorkload, OPTIONS } from "./load.ts";

const arch = loadArch("hetero-pcm");
const workload: Workload = { ...loadWorkload("tiny-olmoe"), layers: 2 };

/** Few tiles with many tiers, so that results pile up; and what their output buffers hold. */
const chip = (capacity_B: number, back_pressure: boolean): Arch => ({
  ...arch,
  tiles: arch.tiles.map((tile) => ({
    ...tile,
    count: 8,
    back_pressure,
    crossbar: { ...tile.crossbar, tiers: 64 },
    output_buffer: { ...tile.output_buffer, capacity_B },
    local_unit: { ...tile.local_unit, lanes: 1 },
  })),
});

const run = (own: Arch, explain = false): CostEvaluation =>
  evaluateCost(own, workload, allAnalog(workload), {
    ...OPTIONS,
    batch: 4,
    prefill_tokens: 8,
    decode_tokens: 1,
    explain,
  });

/** Bytes of the results of one crossbar: 512 columns of one byte. */
const RESULT_B = 512;

test("results that wait for room in the output buffer take longer", () => {
  const free = run(chip(RESULT_B, false)).prefill!;
  const tight = run(chip(RESULT_B, true)).prefill!;
  const wide = run(chip(1e6 * RESULT_B, true)).prefill!;
  expect(tight.latency_ns).toBeGreaterThan(1.02 * free.latency_ns);
  expect(wide).toEqual(free);
});

test("the explanation names the buffers, and its path covers the time", () => {
  const { explanation, prefill, decode } = run(chip(RESULT_B, true), true);
  const waited = explanation!.waiting.filter(({ reason }) => reason === "output buffer full");
  expect(waited.length).toBeGreaterThan(0);
  for (const [phase, cost] of [
    ["prefill", prefill],
    ["decode", decode],
  ] as const) {
    const path = explanation!.critical.filter((row) => row.phase === phase);
    const time_ns = path.reduce((sum, row) => sum + row.time_ns, 0);
    expect(time_ns / cost!.duration_ns).toBeCloseTo(1, 9);
  }
});

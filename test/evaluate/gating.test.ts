import { expect, test } from "vitest";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import type { CostEvaluation } from "../../src/model/evaluation.ts";
import { expertsAnalog, loadArch, loadWorkload, OPTIONS } from "./load.ts";

const tiny = loadWorkload("tiny-olmoe");
const placement = expertsAnalog(tiny);
const gated = loadArch("hetero-pcm-gated");
const on = evaluateCost(loadArch("hetero-pcm"), tiny, placement, OPTIONS);
const off = evaluateCost(gated, tiny, placement, OPTIONS);

test("gating changes no time, and saves the idle share of idle cores", () => {
  expect(off.decode!.latency_ns).toBe(on.decode!.latency_ns);
  const saved_pJ = on.decode!.energy_pJ - off.decode!.energy_pJ;
  const cores = gated.cores.map((core) => core.name);
  const busy_ns = (name: string): number =>
    (off.components.find((row) => row.component === name)?.busy_ns ?? 0) as number;
  const run_ns = on.prefill!.duration_ns + on.decode!.duration_ns;
  const all_pJ = on.prefill!.energy_pJ - off.prefill!.energy_pJ + saved_pJ;
  const expected = gated.cores.reduce(
    (sum, { count, static_mW, gating }, i) =>
      sum + (1 - gating!.idle_frac) * static_mW * (count * run_ns - busy_ns(cores[i]!)),
    0,
  );
  expect(all_pJ / expected).toBeCloseTo(1, 9);
  expect(all_pJ).toBeGreaterThan(0);
});

test("all levels of timing agree about what gated parts draw while awake", () => {
  const awake = ({ breakdown }: CostEvaluation) =>
    breakdown.filter(({ action }) => action === "awake");
  for (const level of ["table", "bounds"] as const)
    expect(awake(evaluateCost(gated, tiny, placement, { ...OPTIONS, level }))).toEqual(awake(off));
  expect(awake(off).length).toBeGreaterThan(0);
});

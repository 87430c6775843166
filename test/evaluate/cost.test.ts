import { describe, expect, test } from "vitest";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import type { Arch } from "../../src/model/arch.ts";
import type { CostEvaluation } from "../../src/model/evaluation.ts";
import {
  allAnalog,
  allDigital,
  expertsAnalog,
  loadArch,
  loadWorkload,
  OPTIONS,
  placementOf,
  WORKLOADS,
} from "./load.ts";

const hetero = loadArch("hetero-pcm");
const olmoe = loadWorkload("tiny-olmoe");

/** No NaN, no Infinity, anywhere. */
function expectFinite(value: unknown): void {
  if (typeof value === "number") expect(Number.isFinite(value)).toBe(true);
  else if (typeof value === "object" && value !== null) Object.values(value).forEach(expectFinite);
}

describe("published figures", () => {
  test("OLMoE, all digital on an A100, batch 32: 4,220 tokens/s and 10.55 tokens/J within 2 %", () => {
    // arXiv 2603.02633, table 2; the memory bandwidth is calibrated on this row
    const workload = loadWorkload("olmoe-1b-7b");
    const { decode, digital_parameters_frac } = evaluateCost(
      loadArch("gpu-a100-roofline"),
      workload,
      allDigital(workload),
      { ...OPTIONS, batch: 32, prefill_tokens: 0, decode_tokens: 1 },
    );
    expect(digital_parameters_frac).toBe(1);
    const tokens_per_s = (decode!.tokens / decode!.duration_ns) * 1e9;
    const tokens_per_J = decode!.tokens / (decode!.energy_pJ * 1e-12);
    expect(Math.abs(tokens_per_s / 4220 - 1)).toBeLessThan(0.02);
    expect(Math.abs(tokens_per_J / 10.55 - 1)).toBeLessThan(0.02);
  });

  test("OLMoE, a quarter of the experts and all dense parts digital: 14,513 tokens/s and 36.25 tokens/J within 10 %", () => {
    // arXiv 2603.02633, table 2: A100 beside tiles as in the 3D-CiM study
    const workload = loadWorkload("olmoe-1b-7b");
    const placement = placementOf(workload, ({ module, expert }) =>
      module === "expert" && expert >= 16 ? "analog" : "digital",
    );
    const options = { ...OPTIONS, batch: 32, prefill_tokens: 0, decode_tokens: 1 };
    const { decode } = evaluateCost(loadArch("a100-pcm-3d"), workload, placement, options);
    expect(Math.abs(((decode!.tokens / decode!.duration_ns) * 1e9) / 14_513 - 1)).toBeLessThan(0.1);
    expect(Math.abs(decode!.tokens / (decode!.energy_pJ * 1e-12) / 36.25 - 1)).toBeLessThan(0.1);
  });

  test("OLMoE, all analog: 41.8 uJ of crossbar reads per token within 10 %", () => {
    // 1 / 23,949 tokens per joule, arXiv 2603.02633, table 2; 4,492 reads of 10 nJ are 44.9 uJ
    const workload = loadWorkload("olmoe-1b-7b");
    const { breakdown } = evaluateCost(loadArch("a100-pcm-3d"), workload, allAnalog(workload), {
      ...OPTIONS,
      prefill_tokens: 0,
      decode_tokens: 1,
      level: "table",
    });
    const { count, energy_pJ } = breakdown.find(({ action }) => action === "mvm")!;
    expect(count).toBe(4492);
    expect(Math.abs(energy_pJ / 41.8e6 - 1)).toBeLessThan(0.1);
  });

  test("shares of OLMoE: 5.37 % when dense parts are digital, 28.65 % with a quarter of the experts", () => {
    // arXiv 2603.02633 counts embedding and router in the denominator only, so shares here are larger
    const workload = loadWorkload("olmoe-1b-7b");
    const share = (digitalExperts: number): number =>
      evaluateCost(
        hetero,
        workload,
        placementOf(workload, ({ module, expert }) =>
          module === "expert" && expert >= digitalExperts ? "analog" : "digital",
        ),
        { ...OPTIONS, prefill_tokens: 0, decode_tokens: 0 },
      ).digital_parameters_frac;
    const all = 6_919_161_856;
    const counted = all - 50_304 * 2048 - 16 * 64 * 2048 - (16 * 4 + 1) * 2048;
    expect(share(0)).toBeCloseTo((0.05369 * all) / counted, 4);
    expect(share(16)).toBeCloseTo((0.28646 * all) / counted, 4);
  });
});

describe.each(["tiny-olmoe", "tiny-deepseekmoe"])("%s on hetero-pcm", (name) => {
  const workload = loadWorkload(name);

  test.each([
    ["all-analog", allAnalog, 0, 0],
    ["experts analog", expertsAnalog, null, 0],
    ["all-digital", allDigital, 1, 1],
  ] as const)("%s runs, with every figure finite", (_, place, parameters, experts) => {
    const result = evaluateCost(hetero, workload, place(workload), OPTIONS);
    expectFinite(result);
    expect(result.feasible).toBe(true);
    if (parameters !== null) expect(result.digital_parameters_frac).toBe(parameters);
    expect(result.digital_experts_frac).toBe(experts);
    expect(result.prefill).toMatchObject({ tokens: 4 });
    expect(result.decode).toMatchObject({ tokens: 2 });
    expect(result.analog_busy_frac === null).toBe(place === allDigital);
    for (const row of result.components)
      if (row.busy_ns !== null) expect(row.busy_ns).toBeGreaterThanOrEqual(0);
  });
});

test.each(WORKLOADS)("%s: one decode step, or a reason with both numbers", (name) => {
  const workload = loadWorkload(name);
  const result = evaluateCost(hetero, workload, allDigital(workload), {
    ...OPTIONS,
    prefill_tokens: 0,
    decode_tokens: 1,
    level: "table",
  });
  expectFinite(result);
  if (result.feasible) expect(result.decode!.latency_ns).toBeGreaterThan(0);
  else expect(result.infeasible_reason).toMatch(/needs \d+ B, there are \d+ B/);
});

describe("what cannot run is a result", () => {
  const expectInfeasible = (result: CostEvaluation, reason: RegExp): void => {
    expectFinite(result);
    expect(result).toMatchObject({ feasible: false, prefill: null, decode: null });
    expect(result.breakdown).toEqual([]);
    expect(result.infeasible_reason).toMatch(reason);
  };
  const withTiles = (count: number, tiers: number): Arch => ({
    ...hetero,
    tiles: hetero.tiles.map((tile) => ({
      ...tile,
      count,
      crossbar: { ...tile.crossbar, tiers },
    })),
  });

  test("too few crossbars", () => {
    const result = evaluateCost(withTiles(10, 4), olmoe, allAnalog(olmoe), OPTIONS);
    expectInfeasible(result, /need 464 crossbars, the chip has 40/);
  });

  test("no analog tile at all", () => {
    const result = evaluateCost(loadArch("gpu-a100-roofline"), olmoe, allAnalog(olmoe), OPTIONS);
    expectInfeasible(result, /no analog tile/);
  });

  test("no memory with room for the KV cache", () => {
    const options = { ...OPTIONS, batch: 4000, prefill_tokens: 0, decode_tokens: 4000 };
    expectInfeasible(
      evaluateCost(hetero, olmoe, allDigital(olmoe), options),
      /no room for the KV cache of 4000 x 4000 tokens in any of sram, hbm: needs 98304000000 B/,
    );
  });

  test("digital weights that exceed their memory", () => {
    const workload = loadWorkload("mixtral-8x7b");
    expectInfeasible(
      evaluateCost(hetero, workload, allDigital(workload), OPTIONS),
      /no room for the digital weights in hbm/,
    );
  });

  test.each([
    ["systolic", /lacks a digital core for matrix products/],
    ["vector", /lacks a digital core for vectors/],
  ])("no %s core", (kind, reason) => {
    const chip = { ...hetero, cores: hetero.cores.filter((core) => core.kind !== kind) };
    expectInfeasible(evaluateCost(chip, olmoe, allDigital(olmoe), OPTIONS), reason);
  });

  test("a trace of another model is a wrong input", () => {
    const routing = { kind: "trace", name: "t.jsonl", experts: [] } as const;
    expect(() => evaluateCost(hetero, olmoe, allAnalog(olmoe), { ...OPTIONS, routing })).toThrow(
      "t.jsonl: found 0 layers; allowed: 6 layers",
    );
  });
});

describe("experts that do not fit", () => {
  /** Holds attention, LM head and half of the experts of tiny-olmoe. */
  const half: Arch = {
    ...hetero,
    tiles: hetero.tiles.map((tile) => ({
      ...tile,
      count: 248,
      crossbar: { ...tile.crossbar, tiers: 1 },
    })),
  };
  const run = (arch: Arch, overflow: "digital" | "reprogram" | "infeasible") =>
    evaluateCost(arch, olmoe, allAnalog(olmoe), { ...OPTIONS, overflow });

  test("digital: their weights come from memory, and the share says so", () => {
    const result = run(half, "digital");
    expect(result.digital_experts_frac).toBe(0.5);
    expect(result.notes.join()).toContain("72 of 144 analog experts found no crossbar");
    const read_B = (r: CostEvaluation): number =>
      r.breakdown.find((row) => row.component === "hbm" && row.action === "read")!.count;
    expect(read_B(result)).toBeGreaterThan(read_B(run(hetero, "infeasible")));
  });

  test("reprogram: every write is charged in time, energy and wear", () => {
    const result = run(half, "reprogram");
    const rows = result.breakdown.filter((row) => row.action === "write crossbar");
    const { crossbar_pJ, crossbar_ns } = hetero.tiles[0]!.programming;
    const writes = rows.reduce((sum, row) => sum + row.count, 0);
    expect(writes).toBeGreaterThan(0);
    expect(rows.reduce((sum, row) => sum + row.energy_pJ, 0)).toBeCloseTo(writes * crossbar_pJ, 3);
    const duration_ns = result.prefill!.duration_ns + result.decode!.duration_ns;
    expect(duration_ns).toBeGreaterThan(crossbar_ns);
    const note = result.notes.find((text) => text.includes("written"));
    expect(note).toContain(`experts were written ${writes / 3} times`);
  });
});

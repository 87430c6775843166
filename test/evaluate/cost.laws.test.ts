import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import type { Arch } from "../../src/model/arch.ts";
import type { BreakdownRow, CostEvaluation, PhaseCost } from "../../src/model/evaluation.ts";
import type { CostOptions } from "../../src/model/run.ts";
import type { Workload } from "../../src/model/workload.ts";
import { allAnalog, allDigital, expertsAnalog, loadArch, loadWorkload, OPTIONS } from "./load.ts";

const arch = loadArch("hetero-pcm");
const olmoe: Workload = { ...loadWorkload("tiny-olmoe"), layers: 2 };
const deepseek: Workload = { ...loadWorkload("tiny-deepseekmoe"), layers: 2 };

const run = (
  workload: Workload,
  place: (w: Workload) => ReturnType<typeof allAnalog>,
  options: Partial<CostOptions> = {},
  chip: Arch = arch,
): CostEvaluation => evaluateCost(chip, workload, place(workload), { ...OPTIONS, ...options });

const energyOf = (rows: readonly BreakdownRow[], wanted: (row: BreakdownRow) => boolean): number =>
  rows.filter(wanted).reduce((sum, row) => sum + row.energy_pJ, 0);
const dynamic_pJ = ({ breakdown }: CostEvaluation, phase: string): number =>
  energyOf(breakdown, (row) => row.phase === phase && row.action !== "static");

const model = fc.constantFrom(olmoe, deepseek);
const place = fc.constantFrom(allAnalog, allDigital, expertsAnalog);
const size = fc.record({
  batch: fc.integer({ min: 1, max: 4 }),
  prefill_tokens: fc.integer({ min: 1, max: 6 }),
  decode_tokens: fc.integer({ min: 1, max: 2 }),
  seed: fc.nat(1000),
  routing: fc.constantFrom<CostOptions["routing"]>(
    { kind: "uniform" },
    { kind: "zipf", exponent: 1 },
  ),
});

describe("any run", () => {
  test("its breakdown sums to its totals; static energy is power times time", () => {
    fc.assert(
      fc.property(model, place, size, (workload, placement, options) => {
        const result = run(workload, placement, options);
        for (const phase of ["prefill", "decode"] as const) {
          const cost = result[phase]!;
          const own = result.breakdown.filter((row) => row.phase === phase);
          expect(energyOf(own, () => true)).toBe(cost.energy_pJ);
          const power_mW = result.components.reduce((sum, c) => sum + c.static_mW, 0);
          const static_pJ = energyOf(own, (row) => row.action === "static");
          expect(static_pJ / (power_mW * cost.duration_ns)).toBeCloseTo(1, 10);
        }
        const area_mm2 = result.components.reduce((sum, c) => sum + c.area_mm2, 0);
        expect(area_mm2 / result.area_mm2).toBeCloseTo(1, 10);
        expect(result.area_occupied_mm2).toBeLessThanOrEqual(result.area_mm2);
      }),
      { numRuns: 20 },
    );
  });

  test("is the same twice", () => {
    fc.assert(
      fc.property(model, place, size, (workload, placement, options) => {
        expect(run(workload, placement, options)).toEqual(run(workload, placement, options));
      }),
      { numRuns: 5 },
    );
  });

  test("table <= bounds <= simulate <= upper bound, and all agree about dynamic energy", () => {
    fc.assert(
      fc.property(model, place, size, (workload, placement, options) => {
        const [table, bounds, simulated] = (["table", "bounds", "simulate"] as const).map((level) =>
          run(workload, placement, { ...options, level }),
        ) as [CostEvaluation, CostEvaluation, CostEvaluation];
        for (const phase of ["prefill", "decode"] as const) {
          const [low, bound, exact] = [table, bounds, simulated].map((r) => r[phase]!) as [
            PhaseCost,
            PhaseCost,
            PhaseCost,
          ];
          expect(low.latency_ns).toBeLessThanOrEqual(bound.latency_lower_ns);
          expect(bound.latency_lower_ns).toBeLessThanOrEqual(exact.latency_ns);
          expect(exact.latency_ns).toBeLessThanOrEqual(bound.latency_upper_ns!);
          expect([low.ops, bound.ops]).toEqual([exact.ops, exact.ops]);
          const expected_pJ = dynamic_pJ(simulated, phase);
          expect(dynamic_pJ(bounds, phase) / expected_pJ).toBeCloseTo(1, 12);
          expect(dynamic_pJ(table, phase) / expected_pJ).toBeCloseTo(1, 12);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("a larger batch takes no less energy per step", () => {
    fc.assert(
      fc.property(model, place, size, (workload, placement, options) => {
        const prefix = { ...options, prefill_tokens: 0, decode_tokens: 1 };
        // tokens of a step are numbered within the run: the first ones stay the same
        const [less, more] = [options.batch, options.batch + 1].map((batch) =>
          dynamic_pJ(run(workload, placement, { ...prefix, batch }), "decode"),
        );
        expect(more).toBeGreaterThanOrEqual(less!);
      }),
      { numRuns: 20 },
    );
  });
});

describe("identical tokens", () => {
  /** Every token takes the experts 0 .. k-1. */
  const sameExperts = ({ layers, moe }: Workload): CostOptions["routing"] => ({
    kind: "trace",
    name: "same",
    experts: Array.from({ length: layers }, () =>
      Int32Array.from({ length: moe.active_experts }, (_, i) => i),
    ),
  });

  test.each([olmoe, deepseek])(
    "%#: n sequences take n times the analog energy of one",
    (workload) => {
      const analog_pJ = (batch: number): number =>
        energyOf(
          run(workload, allAnalog, { batch, routing: sameExperts(workload) }).breakdown,
          ({ component, action }) => component.startsWith("pcm-tile") && action !== "static",
        );
      expect(analog_pJ(5) / analog_pJ(1)).toBeCloseTo(5, 10);
    },
  );

  test("digital weights are fetched once for a batch, so a step of n takes less than n steps", () => {
    const options = { prefill_tokens: 0, decode_tokens: 1, routing: sameExperts(olmoe) };
    const one = run(olmoe, allDigital, { ...options, batch: 1 });
    const eight = run(olmoe, allDigital, { ...options, batch: 8 });
    const fetched = (r: CostEvaluation): number =>
      r.breakdown.find(({ component, action }) => component === "hbm" && action === "read")!.count;
    const row_B = olmoe.hidden_features * 2;
    expect(fetched(eight) - 8 * row_B).toBe(fetched(one) - row_B);
    expect(eight.decode!.latency_ns).toBeLessThan(8 * one.decode!.latency_ns);
  });

  test("more tokens of a prompt overlap: n tokens take longer than one, and less than n times", () => {
    const routing = sameExperts(olmoe);
    const latency_ns = (prefill_tokens: number): number =>
      run(olmoe, allAnalog, { prefill_tokens, decode_tokens: 0, routing }).prefill!.latency_ns;
    expect(latency_ns(16)).toBeGreaterThan(latency_ns(1));
    expect(latency_ns(16)).toBeLessThan(16 * latency_ns(1));
  });
});

test("one tier at a time: the same blocks stacked on fewer tiles take longer, at the same work", () => {
  const stacked: Arch = { ...arch, tiles: arch.tiles.map((tile) => ({ ...tile, count: 8 })) };
  const options = { prefill_tokens: 8, decode_tokens: 0 };
  const spread = run(olmoe, allAnalog, options);
  const dense = run(olmoe, allAnalog, options, stacked);
  expect(dense.prefill!.latency_ns).toBeGreaterThan(1.2 * spread.prefill!.latency_ns);
  const reads = (r: CostEvaluation): number | undefined =>
    r.breakdown.find(({ action }) => action === "read cell")?.count;
  expect(reads(dense)).toBe(reads(spread));
});

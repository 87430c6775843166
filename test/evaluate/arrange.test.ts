import { describe, expect, test } from "vitest";
import { arrange } from "../../src/evaluate/arrange.ts";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import { mapPlacement } from "../../src/mapping/map.ts";
import type { CostEvaluation } from "../../src/model/evaluation.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import { ASSIGNMENTS, type CostOptions } from "../../src/model/run.ts";
import { allAnalog, expertsAnalog, loadArch, loadWorkload, OPTIONS } from "./load.ts";

const chip = loadArch("hetero-pcm");
const tiny = loadWorkload("tiny-olmoe");
const olmoe = loadWorkload("olmoe-1b-7b");
const skewed: CostOptions = {
  ...OPTIONS,
  prefill_tokens: 64,
  decode_tokens: 0,
  routing: { kind: "zipf", exponent: 1.5 },
};

/** Events by component and action, messages and what only waits left out. */
const counts = ({ breakdown }: CostEvaluation): Map<string, number> =>
  new Map(
    breakdown
      .filter(({ component, action }) => component !== "interconnect" && action !== "static")
      .map(({ phase, component, action, count }) => [`${phase} ${component} ${action}`, count]),
  );

describe("assignment of tiles", () => {
  test.each(ASSIGNMENTS)("%s changes when and where, not what is done", (assignment) => {
    const options = { ...skewed, prefill_tokens: 8 };
    const inOrder = evaluateCost(chip, tiny, allAnalog(tiny), options);
    const other = evaluateCost(chip, tiny, allAnalog(tiny), { ...options, assignment });
    expect(counts(other)).toEqual(counts(inOrder));
    expect(other.crossbars_used).toBe(inOrder.crossbars_used);
    const again = evaluateCost(chip, tiny, allAnalog(tiny), { ...options, assignment });
    expect(again).toEqual(other);
  });

  test("every block and copy has a crossbar of its own", () => {
    const matrices = weightMatrices(olmoe);
    const placement = allAnalog(olmoe);
    const fits = mapPlacement(chip, matrices, placement, "infeasible");
    if (!fits.feasible) throw new Error(fits.reason);
    const options = { ...skewed, assignment: "co-activation", replica_tiles: 20 } as const;
    const { mapping } = arrange(chip, olmoe, matrices, fits, options);
    const own = [...mapping.tile].map((tile, b) => 64 * tile + mapping.tier[b]!);
    const copied = [...mapping.copies!.tile].map((tile, i) => 64 * tile + mapping.copies!.tier[i]!);
    const all = [...own, ...copied];
    expect(new Set(all).size).toBe(all.length);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
    expect(copied.length).toBeLessThanOrEqual(20 * 64);
  });

  test("OLMoE-1B-7B, 64 tokens, zipf:1.5: a prompt takes at least 20 % less than in order", () => {
    const latency = (options: Partial<CostOptions>): number =>
      evaluateCost(chip, olmoe, allAnalog(olmoe), { ...skewed, ...options }).prefill!.latency_ns;
    const inOrder = latency({});
    const ours = latency({ assignment: "co-activation" });
    expect(1 - ours / inOrder).toBeGreaterThan(0.2);
    expect(ours).toBeLessThan(latency({ assignment: "random" }));
    expect(ours).toBeLessThan(latency({ assignment: "least-used" }));
  });
});

describe("copies of hot experts", () => {
  const placement = expertsAnalog(olmoe);

  test("OLMoE-1B-7B, dense modules digital: 20 % less with the crossbars of 20 tiles", () => {
    const before = evaluateCost(chip, olmoe, placement, skewed);
    const options = { ...skewed, assignment: "co-activation", replica_tiles: 20 } as const;
    const after = evaluateCost(chip, olmoe, placement, options);
    expect(1 - after.prefill!.latency_ns / before.prefill!.latency_ns).toBeGreaterThan(0.2);
    // Same work, more crossbars, each of them written once.
    expect(counts(after)).toEqual(counts(before));
    const more = after.crossbars_used - before.crossbars_used;
    expect(more).toBeGreaterThan(0);
    expect(more).toBeLessThanOrEqual(20 * 64);
    expect(more % 24).toBe(0);
    expect(written_pJ(after) - written_pJ(before)).toBeCloseTo(
      more * chip.tiles[0]!.programming.crossbar_pJ,
      0,
    );
  });

  test("all levels of timing agree about the work, and bound the schedule", () => {
    const options = {
      ...skewed,
      prefill_tokens: 16,
      assignment: "co-activation",
      replica_tiles: 20,
    } as const;
    const [table, bounds, simulated] = (["table", "bounds", "simulate"] as const).map((level) =>
      evaluateCost(chip, olmoe, placement, { ...options, level }),
    );
    expect(counts(table!)).toEqual(counts(simulated!));
    expect(counts(bounds!)).toEqual(counts(simulated!));
    const [low, lower, ns] = [table!, bounds!, simulated!].map((cost) => cost.prefill!.latency_ns);
    expect(low).toBeLessThanOrEqual(lower!);
    expect(lower).toBeLessThanOrEqual(ns!);
  });

  test("a placement names its own; what does not fit or is digital is left out and noted", () => {
    const replicas = [
      { layer: 0, expert: 3, copies: 2 },
      { layer: 1, expert: 5, copies: 4096 },
    ];
    const own = evaluateCost(
      chip,
      olmoe,
      { ...placement, replicas },
      { ...skewed, level: "table" },
    );
    const room = 480 * 64 - 24_576;
    expect(own.crossbars_used - 24_576).toBe(24 * (2 + Math.floor((room - 48) / 24)));
    expect(own.notes.some((note) => note.includes("copies of experts left out"))).toBe(true);
  });

  test("experts that take turns have no copies, and a note says so", () => {
    const [tile] = chip.tiles;
    const small = { ...chip, tiles: [{ ...tile!, count: 240 }] };
    const options = { ...skewed, level: "table", overflow: "reprogram", replica_tiles: 5 } as const;
    const { notes, feasible } = evaluateCost(small, olmoe, placement, options);
    expect(feasible).toBe(true);
    expect(notes.some((note) => note.includes("without copies"))).toBe(true);
  });
});

/** Energy of writing everything once, as the note has it. */
function written_pJ({ notes }: CostEvaluation): number {
  const note = notes.find((each) => each.startsWith("programming the crossbars"));
  return Number(/takes ([\d.e+]+) pJ/.exec(note ?? "")?.[1]);
}

describe("capacity limit", () => {
  test("drops what is over, does less, and says how much", () => {
    const options = { ...skewed, prefill_tokens: 32 };
    const without = evaluateCost(chip, tiny, allAnalog(tiny), options);
    const limited = evaluateCost(chip, tiny, allAnalog(tiny), { ...options, capacity_factor: 1 });
    const large = evaluateCost(chip, tiny, allAnalog(tiny), { ...options, capacity_factor: 1e6 });
    expect(without.dropped_assignments_frac).toBeUndefined();
    expect(large.dropped_assignments_frac).toBe(0);
    expect(large.prefill).toEqual(without.prefill);
    const dropped = limited.dropped_assignments_frac!;
    expect(dropped).toBeGreaterThan(0.1);
    expect(limited.notes.some((note) => /capacity factor 1: \d+ of \d+/.test(note))).toBe(true);
    // Expert MVMs go down by exactly the share that was dropped; attention and head stay.
    const swiglu = (cost: CostEvaluation): number =>
      counts(cost).get("prefill pcm-tile local unit swiglu")!;
    expect(swiglu(limited) / swiglu(without)).toBeCloseTo(1 - dropped, 12);
  });

  test("bounds bracket the schedule of what was not dropped", () => {
    const options = { ...skewed, prefill_tokens: 32, capacity_factor: 0.5 };
    const { prefill } = evaluateCost(chip, tiny, allAnalog(tiny), options);
    const bounds = evaluateCost(chip, tiny, allAnalog(tiny), { ...options, level: "bounds" });
    expect(bounds.prefill!.latency_lower_ns).toBeLessThanOrEqual(prefill!.latency_ns);
    expect(bounds.prefill!.latency_upper_ns).toBeGreaterThanOrEqual(prefill!.latency_ns);
  });
});

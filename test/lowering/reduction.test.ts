import { describe, expect, test } from "vitest";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import type { CostEvaluation } from "../../src/model/evaluation.ts";
import { allAnalog, allDigital, loadArch, loadWorkload, OPTIONS } from "../evaluate/load.ts";

const chip = loadArch("hetero-pcm");
const adding = loadArch("hetero-pcm-reduction");
const olmoe = loadWorkload("olmoe-1b-7b");
const run = { ...OPTIONS, prefill_tokens: 8, decode_tokens: 2 };
const evaluate = (arch: typeof chip, workload = olmoe, placement = allAnalog(workload)) =>
  evaluateCost(arch, workload, placement, run);

const vectorCore = chip.cores.find(({ kind }) => kind === "vector")!.name;

const rows = ({ breakdown }: CostEvaluation, component: string, action: string): number =>
  breakdown
    .filter((row) => row.component === component && row.action === action)
    .reduce((sum, { count }) => sum + count, 0);
const networkDynamic_pJ = ({ breakdown }: CostEvaluation): number =>
  breakdown
    .filter(({ component, action }) => component === "interconnect" && action !== "static")
    .reduce((sum, { energy_pJ }) => sum + energy_pJ, 0);

describe("adders in the routers", () => {
  const unicast = evaluate(chip);
  const reduced = evaluate(adding);

  test("fewer bytes cross links than with a message per expert, and less energy", () => {
    const byteHops = (e: CostEvaluation): number => rows(e, "interconnect", "byte hop");
    expect(byteHops(reduced)).toBeLessThan(byteHops(unicast));
    expect(networkDynamic_pJ(reduced)).toBeLessThan(networkDynamic_pJ(unicast));
  });

  test("each token and layer adds 7 of the vectors of its 8 experts: 7 x 2,048 values", () => {
    const tokens = run.prefill_tokens + run.decode_tokens;
    expect(rows(reduced, "interconnect", "add")).toBe(tokens * 16 * 7 * 2048);
    expect(rows(unicast, "interconnect", "add")).toBe(0);
  });

  test("the hub weighs none of them any more, the tiles all 8", () => {
    const tokens = run.prefill_tokens + run.decode_tokens;
    const onHub = (e: CostEvaluation): number => rows(e, vectorCore, "multiply-add");
    const onTiles = (e: CostEvaluation): number =>
      rows(e, `${chip.tiles[0]!.name} local unit`, "multiply-add");
    expect(onHub(unicast) - onHub(reduced)).toBe(tokens * 16 * 7 * 2048 * 2);
    expect(onTiles(reduced) - onTiles(unicast)).toBe(tokens * 16 * 8 * 2048 * 2);
  });

  test("explains its waits, and its bounds hold", () => {
    const placement = allAnalog(olmoe);
    const explained = evaluateCost(adding, olmoe, placement, { ...run, explain: true });
    const critical = explained.explanation!.critical.filter(({ phase }) => phase === "decode");
    const time_ns = critical.reduce((sum, row) => sum + row.time_ns, 0);
    expect(time_ns).toBeCloseTo(explained.decode!.duration_ns, 6);
    const bounds = evaluateCost(adding, olmoe, placement, { ...run, level: "bounds" });
    expect(bounds.decode!.latency_ns).toBeLessThanOrEqual(reduced.decode!.latency_ns);
    expect(bounds.decode!.latency_upper_ns).toBeGreaterThanOrEqual(reduced.decode!.latency_ns);
  });

  test("digital experts are combined as before", () => {
    const tiny = loadWorkload("tiny-olmoe");
    expect(evaluate(adding, tiny, allDigital(tiny)).decode).toEqual(
      evaluate(chip, tiny, allDigital(tiny)).decode,
    );
  });
});

import { evaluate } from "mathjs";
import { describe, expect, test } from "vitest";
import { adcConversion_pJ } from "../../src/cost/components/adc.ts";
import { createPriceList } from "../../src/cost/price.ts";
import type { Op } from "../../src/model/op.ts";
import { loadArch } from "./load-arch.ts";

/**
 * Formulas done again by mathjs with units attached. `toNumber` throws if the result is of another
 * dimension, and the size tells a forgotten factor.
 */
const inUnits = (formula: string, target: string): number => evaluate(formula).toNumber(target);

const { price, messageCharge } = createPriceList(loadArch("hetero-pcm"));
const energy_pJ = (op: Op) => price(op).charges.reduce((sum, row) => sum + row.energy_pJ, 0);

describe("formulas have the dimension and the size that their names say", () => {
  test("Walden: fJ per step x steps", () => {
    const energy = { kind: "walden", walden_fJ: 15 } as const;
    const ours_pJ = adcConversion_pJ({ bits: 8, conversion_ns: 1, technology_nm: 14, energy });
    expect(ours_pJ).toBeCloseTo(inUnits("15 fJ * 2^8", "pJ"), 12);
  });

  test("bytes / bandwidth is a time", () => {
    const { duration_ps } = price({ kind: "message", bytes: 512 });
    expect(duration_ps).toBeCloseTo(inUnits("512 B / (32 GB/s)", "ps"), 6);
  });

  test("lane operations / (lanes x clock) is a time", () => {
    const { duration_ps } = price({ kind: "vector", core: 1, fn: "add", elements: 1280 });
    expect(duration_ps).toBeCloseTo(inUnits("1280 / 128 / (1 GHz)", "ps"), 6);
  });

  test("bytes x energy per byte is an energy", () => {
    const read: Op = { kind: "memory", memory: 1, access: "read", bytes: 1000 };
    expect(energy_pJ(read)).toBeCloseTo(inUnits("1000 B * 6.25 pJ/bit", "pJ"), 6);
    const { energy_pJ: hops_pJ } = messageCharge(100, 2);
    const { hop_pJ_per_B } = loadArch("hetero-pcm").interconnect;
    expect(hops_pJ).toBeCloseTo(inUnits(`100 B * 2 * ${hop_pJ_per_B} pJ/B`, "pJ"), 6);
  });

  test("V^2 x conductance x time is the energy of a cell of hetero-pcm", () => {
    const { cost } = loadArch("hetero-pcm").tiles[0]!;
    const ours_fJ = cost.kind === "components" ? cost.crossbar.cell_read_fJ : Number.NaN;
    expect(ours_fJ).toBeCloseTo(inUnits("(0.2 V)^2 * 5 uS * 130 ns", "fJ"), 9);
  });

  test("power x time is an energy without a factor: mW x ns = pJ", () => {
    expect(inUnits("16 mW * 100 ns / 1024", "pJ")).toBeCloseTo(1.5625, 12);
  });
});

import { describe, expect, test } from "vitest";
import {
  ADC_AREA_FACTORS,
  designArea_um2,
  surveyArea_um2,
} from "../../src/cost/components/adc-survey.ts";
import { DRAM, DRAM_LEVELS, dramInterface } from "../../src/cost/components/dram.ts";
import {
  constantPowerPart,
  HYPERTRANSPORT,
  linkBit_pJ,
} from "../../src/cost/components/off-chip-link.ts";
import { registerAccess_pJ } from "../../src/cost/components/register-file.ts";
import { betweenNodes } from "../../src/cost/scaling.ts";
import type { Core } from "../../src/model/arch.ts";
import { components, published } from "./components-json.ts";
import { loadArch } from "./load-arch.ts";

const agrees = (preset: number, derived: number) =>
  expect(Math.abs(preset / derived - 1)).toBeLessThan(1.5e-3);

describe("memories off the chip", () => {
  const hbm = { channels: 2, reached_frac: 0.88, idle_frac: 0.1 };
  const lpddr = { channels: 8, reached_frac: 0.88, idle_frac: 0.1 };
  test.each([
    ["hetero-pcm-hbm-low", "hbm2e", "low", hbm],
    ["hetero-pcm", "hbm2e", "mid", hbm],
    ["hetero-pcm-hbm-high", "hbm2e", "high", hbm],
    ["hetero-pcm-lpddr5", "lpddr5", "mid", lpddr],
  ] as const)("%s has %s at its %s energy", (preset, kind, level, use) => {
    const memory = loadArch(preset).memories.find((each) => each.kind === "dram")!;
    const derived = dramInterface(kind, level, use);
    agrees(memory.bandwidth_GBps, derived.bandwidth_GBps);
    agrees(memory.read_pJ_per_B, derived.read_pJ_per_B);
    agrees(memory.write_pJ_per_B, derived.write_pJ_per_B);
    agrees(memory.static_mW, derived.static_mW);
  });

  test("energies per bit are those of the component table", () => {
    const rows = components<{ rows: { kind: string; energy_pJ_per_bit?: number | number[] }[] }>(
      "memory",
    ).rows;
    const known = (kind: string) =>
      rows.filter((row) => row.kind === kind).flatMap((row) => row.energy_pJ_per_bit ?? []);
    const { low, mid, high } = DRAM.hbm2e.bit_pJ;
    expect(known("hbm2")).toEqual(expect.arrayContaining([low.value, mid.value, high.value]));
    expect(known("lpddr5")).toEqual([DRAM.lpddr5.bit_pJ.low.value, DRAM.lpddr5.bit_pJ.high.value]);
  });

  test("levels are in order, and the kinds have no other", () => {
    for (const { bit_pJ } of Object.values(DRAM)) {
      const values = DRAM_LEVELS.map((level) => bit_pJ[level].value);
      expect(values).toEqual([...values].sort((a, b) => a - b));
    }
  });
});

describe("register files", () => {
  test("at 40 nm a bit takes what Aladdin says", () => {
    expect(registerAccess_pJ(1, 40)).toBeCloseTo(0.009, 12);
  });

  test("hetero-pcm's multiply-accumulate holds 64 bits of them", () => {
    const ops = components<Record<string, Record<string, number>>>("digital_ops_pJ");
    const at14 = (key: string): number =>
      betweenNodes(
        { node_nm: 45, value: ops["45nm_0.9V"]![key]! },
        { node_nm: 7, value: ops["7nm"]![key]! },
        14,
      );
    const core = loadArch("hetero-pcm").cores.find((each) => each.kind === "systolic");
    const { mac_pJ } = core as Extract<Core, { kind: "systolic" }>;
    agrees(mac_pJ, at14("fp16_mul") + at14("fp16_add") + registerAccess_pJ(64, 14));
  });
});

describe("links off the chip", () => {
  test("ISAAC's four HyperTransport links are constant power", () => {
    const { area_um2, static_mW } = loadArch("isaac-ce").fixed[0]!;
    expect(constantPowerPart(HYPERTRANSPORT, 4)).toEqual({ area_um2, static_mW });
    expect(static_mW).toBe(published("puma", "offchip", "power_mW"));
  });

  test("a bit takes 50.8 pJ at full load and ten times that at a tenth of it", () => {
    expect(linkBit_pJ(HYPERTRANSPORT, 1)).toBeCloseTo(50.8, 1);
    expect(linkBit_pJ(HYPERTRANSPORT, 0.1)).toBeCloseTo(10 * linkBit_pJ(HYPERTRANSPORT, 1), 9);
  });
});

describe("area of converters", () => {
  const isaac = { effective_bits: 8, technology_nm: 32, samples_per_s: 1.2e9 };
  const jia = { effective_bits: 8, technology_nm: 65, samples_per_s: 1e9 / (54 * 25) };

  test("a design's factor gives back its printed area", () => {
    const isaac_um2 = (published("isaac", "adc", "area_mm2") / 8) * 1e6;
    expect(designArea_um2(isaac, ADC_AREA_FACTORS.isaac) / isaac_um2).toBeCloseTo(1, 2);
    const jia_um2 = (published("jia2020", "area", "adc_mm2") / 256) * 1e6;
    expect(designArea_um2(jia, ADC_AREA_FACTORS.jia2020) / jia_um2).toBeCloseTo(1, 2);
  });

  test("the factor stays when rate and resolution change", () => {
    const faster = { ...isaac, samples_per_s: 2.4e9, effective_bits: 7 };
    expect(designArea_um2(faster, 0.5)).toBe(0.5 * surveyArea_um2(faster));
  });
});

import { describe, expect, test } from "vitest";
import { surveyArea_um2, surveyConversion_pJ } from "../../src/cost/components/adc-survey.ts";
import { betweenNodes, logicAreaFactor, logicEnergyFactor } from "../../src/cost/scaling.ts";
import type { AnalogTile, Core } from "../../src/model/arch.ts";
import { routerAdd_pJ } from "../../src/model/interconnect.ts";
import { components } from "../cost/components-json.ts";
import { loadArch } from "../cost/load-arch.ts";

/** The arithmetic of the `source` texts of hetero-pcm, done again from the table of components. */
const arch = loadArch("hetero-pcm");
const tile = arch.tiles[0]!;
const cost = tile.cost as Extract<AnalogTile["cost"], { kind: "components" }>;
const core = <K extends Core["kind"]>(kind: K) =>
  arch.cores.find((c) => c.kind === kind) as Extract<Core, { kind: K }>;

const logic = logicEnergyFactor({ node_nm: 32, supply_V: 0.9 }, { node_nm: 14, supply_V: 0.8 });
const area = logicAreaFactor(32, 14);
const ops = components<Record<string, Record<string, number>>>("digital_ops_pJ");
const at14 = (key: string) =>
  betweenNodes(
    { node_nm: 45, value: ops["45nm_0.9V"]![key]! },
    { node_nm: 7, value: ops["7nm"]![key]! },
    14,
  );

/** Presets are written with four digits. */
const agrees = (preset: number, derived: number) =>
  expect(Math.abs(preset / derived - 1)).toBeLessThan(1.5e-3);

describe("hetero-pcm follows from its sources", () => {
  test("row driver: ISAAC's, eight bits, scaled as logic", () => {
    agrees(cost.row_driver.drive_pJ, ((4 * 100) / 1024) * 8 * logic);
    const gates_um2 = 8 * (3.684 + 1.474 + 0.614);
    agrees(cost.row_driver.area_um2, (gates_um2 * 0.17) / 0.377);
  });

  test("ADC: the survey at 62.5 MS/s; 80 % per event, 20 % static", () => {
    const point = {
      effective_bits: 8,
      technology_nm: arch.technology_nm,
      samples_per_s: 1e9 / cost.adc.conversion_ns,
    };
    agrees(cost.adc.area_um2, surveyArea_um2(point));
    agrees(cost.adc.static_mW, (0.2 * surveyConversion_pJ(point)) / cost.adc.conversion_ns);
    expect(cost.adc.energy).toEqual({ kind: "survey", effective_bits: 8, energy_factor: 0.8 });
  });

  test("shift-and-add: ISAAC's, scaled as logic", () => {
    agrees(cost.shift_add.add_pJ, ((0.2 * 100) / 1024) * logic);
    agrees(cost.shift_add.area_um2, 60 * area);
  });

  test("buffers: a measured small SRAM between 45 and 7 nm; area of ISAAC's register", () => {
    agrees(tile.input_buffer.read_pJ_per_B, at14("sram_64b_8KB") / 8);
    agrees(tile.input_buffer.area_um2, 2 * 2100 * area);
    agrees(tile.input_buffer.static_mW, 0.1 * 1.24 * 2 * logic);
  });

  test("lanes and multiply-accumulate: measured FP16 arithmetic between 45 and 7 nm", () => {
    const lane_pJ = (at14("fp16_mul") + at14("fp16_add")) / 2;
    agrees(core("vector").lane_op_pJ, lane_pJ);
    agrees(tile.local_unit.lane_op_pJ, lane_pJ);
    const power = Math.log(1.5 / 0.5) / Math.log(45 / 7);
    agrees(core("systolic").mac_pJ, 2 * lane_pJ + 64 * 0.009 * (14 / 40) ** power);
  });

  test("global SRAM: a measured 1 MB SRAM between 45 and 7 nm", () => {
    const sram = arch.memories.find((memory) => memory.name === "sram")!;
    agrees(sram.read_pJ_per_B, at14("sram_64b_1MB") / 8);
    agrees(sram.write_pJ_per_B, ((at14("sram_64b_1MB") / 8) * 0.293) / 0.249);
    agrees(sram.area_um2, (112e6 / 8) * logicAreaFactor(7, 14));
  });

  test("programming: iterations x slots over parallel devices", () => {
    const devices = 512 * 512 * 2;
    agrees(tile.programming.crossbar_ns, (devices * 20 * (500 + 128)) / 64);
    agrees(tile.programming.crossbar_pJ, devices * 20 * 20);
  });

  test("mesh: router scaled as arithmetic, link by its length", () => {
    const router_pJ = 0.137 * (14 / 32) ** 0.588;
    agrees(arch.interconnect.hop_pJ_per_B, 8 * (router_pJ + 3.05 * 0.0404));
    agrees(arch.interconnect.area_um2, 151_000 * area);
    agrees(arch.interconnect.static_mW, 0.1 * 42 * logic);
  });

  test("other networks over the same places: link lengths, in widths of a place", () => {
    const router_pJ = 0.137 * (14 / 32) ** 0.588;
    const hop_pJ = (routers: number, places: number) =>
      8 * (routers * router_pJ + places * 3.05 * 0.0404);
    const priceOf = (kind: string) => loadArch(`hetero-pcm-${kind}`).interconnect;
    agrees(priceOf("ring").hop_pJ_per_B, hop_pJ(1, 1));
    agrees(priceOf("torus").hop_pJ_per_B, hop_pJ(1, 2));
    agrees(priceOf("concentrated-mesh").hop_pJ_per_B, hop_pJ(1, 2));
    agrees(priceOf("tree").hop_pJ_per_B, hop_pJ(1, 13 / 5));
    agrees(priceOf("crossbar").hop_pJ_per_B, hop_pJ(8, 8));
    agrees(priceOf("bus").hop_pJ_per_B, hop_pJ(1, 63));
    agrees(priceOf("crossbar").area_um2, 64 * arch.interconnect.area_um2);
    agrees(priceOf("crossbar").static_mW, 64 * arch.interconnect.static_mW);
  });

  test("adders of routers: measured FP16 additions between 45 and 7 nm", () => {
    const { interconnect } = loadArch("hetero-pcm-reduction");
    agrees(routerAdd_pJ(interconnect)!, at14("fp16_add"));
  });
});

test("the A100's bandwidth is what makes 4,220 tokens/s of OLMoE at batch 32", () => {
  const hbm = loadArch("gpu-a100-roofline").memories.find((memory) => memory.name === "hbm")!;
  const weights_B = (6_919_161_856 - 50304 * 2048) * 2;
  agrees(hbm.bandwidth_GBps, (weights_B * 4220) / 32 / 1e9);
});

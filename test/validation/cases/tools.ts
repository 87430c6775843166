import { surveyConversion_pJ } from "../../../src/cost/components/adc-survey.ts";
import { readPhases } from "../../../src/cost/components/crossbar.ts";
import { blockCount } from "../../../src/mapping/split.ts";
import type { Arch } from "../../../src/model/arch.ts";
import { components } from "../../cost/components-json.ts";
import { loadArch } from "../../cost/load-arch.ts";
import { rowsOf, type ValidationRow } from "../row.ts";
import { VGG8_PRODUCTS, vgg8Arrays_pJ } from "./vgg8.ts";

/** Conversions of one image: each column of each block of 128 rows, in each input bit. */
function vgg8Conversions(cell_bits: number): number {
  const phases = readPhases({ input_bits: 8, bits_per_phase: 1 });
  return VGG8_PRODUCTS.reduce((sum, { positions, inputs, outputs }) => {
    const columns = outputs * Math.ceil(8 / cell_bits);
    return sum + positions * Math.ceil(inputs / 128) * columns * phases;
  }, 0);
}

/** The rate hardly matters: 5 bits are cheap at any speed below a GS/s. */
const conversion_pJ = surveyConversion_pJ({
  effective_bits: 5,
  technology_nm: 22,
  samples_per_s: 1e8,
});
const adc_uJ = (cell_bits: number): number => (vgg8Conversions(cell_bits) * conversion_pJ) / 1e6;

/** Two operations a multiply-accumulate. */
const vgg8_Gop =
  VGG8_PRODUCTS.reduce((sum, p) => sum + 2 * p.positions * p.inputs * p.outputs, 0) / 1e9;

const isaac = loadArch("isaac-ce-host");
const [array] = isaac.tiles;
const isaac8: Arch = {
  ...isaac,
  tiles: [
    {
      ...array!,
      crossbar: { ...array!.crossbar, slices: 4 },
      input: { ...array!.input, bits: 8 },
    },
  ],
};

const a9 = rowsOf("A9 NeuroSim V1.4, VGG8 at 22 nm", null);
const survey =
  "our count of conversions times the ADC survey at 5 bits; NeuroSim's is a multi-level current-mode sense amplifier from its own circuit model";
const neuroSimRows: readonly ValidationRow[] = [
  a9("SRAM, 1 b cell: energy of conversions", "uJ", 23.64, adc_uJ(1), { remark: survey }),
  a9("RRAM, 2 b cell: energy of conversions", "uJ", 8.7, adc_uJ(2), { remark: survey }),
  a9(
    "conversions' energy, SRAM over RRAM",
    "",
    23.64 / 8.7,
    vgg8Conversions(1) / vgg8Conversions(2),
    {
      remark: "twice the columns; the rest lies in its currents, which ours does not look at",
    },
  ),
  a9("operations of an image: throughput x period, SRAM", "Gop", 9.264 * 0.13297, vgg8_Gop, {
    tolerance_frac: 0.001,
    remark: "2 operations a multiply-accumulate; ours: positions x inputs x outputs of every layer",
  }),
  a9("operations of an image: throughput x period, RRAM", "Gop", 9.568 * 0.12874, vgg8_Gop, {
    tolerance_frac: 0.001,
  }),
  a9("RRAM, 2 b cell", "TOPS/W", 56.36, (1e3 * vgg8_Gop) / (vgg8Arrays_pJ(isaac8) / 1e6), {
    remark:
      "ours: arrays of `isaac-ce-host` (32 nm, 8-bit ADC) cut down to weights and inputs of 8 bits, without network and digital part; NeuroSim: 22 nm, 5-bit ADC, whole chip",
  }),
  a9("SRAM, 1 b cell", "TOPS/W", 28.91, null, { remark: "no chip of ours computes in SRAM" }),
  a9("RRAM, 2 b cell: chip area", "mm2", 172.1, null, {
    remark: "a chip file of its parts would be needed; its own rows sum up to 51.8 mm2",
  }),
];

interface MnsimAdc {
  readonly choice: number;
  readonly bits: number;
  readonly GSps: number;
  readonly mW: number;
}
const mnsim = components<{ adc: readonly MnsimAdc[] }>("adc_dac_tables_mnsim");
const a10 = rowsOf("A10 MNSIM 2.0, 130 nm RRAM", null);
const mnsimRows: readonly ValidationRow[] = [
  ...mnsim.adc.map(({ choice, bits, GSps, mW }) =>
    a10(
      `ADC choice ${choice}, ${bits} b at ${GSps} GS/s: a conversion`,
      "pJ",
      mW / GSps,
      surveyConversion_pJ({ effective_bits: bits, technology_nm: 32, samples_per_s: GSps * 1e9 }),
      { remark: "ADC survey at 32 nm, the node of its choice 2 (ISAAC); the table names no node" },
    ),
  ),
  a10("LeNet: crossbars", "", 48, null, {
    remark: "the anchor tells neither its layers nor the cells of a weight",
  }),
  a10("VGG8: energy", "mJ", 4.449, null, { remark: "a chip file of its parts would be needed" }),
];

interface Chip {
  readonly label: string;
  readonly node_nm: number;
  readonly rows: number;
  readonly in_b: number;
  readonly adc_b: number;
  readonly TOPS_per_W: number;
  readonly tclk_ns: number;
}
const chips = components<{ validation_chips: readonly Chip[] }>("imc_28nm_gate_model");
/** Reads of the first layer of DS-CNN, one after the other. */
const firstLayerReads =
  26 *
  5 *
  blockCount({ rows: 10 * 4, cols: 64 }, { rows: 32, cols: 4 }) *
  readPhases({ input_bits: 8, bits_per_phase: 2 });
const a11 = rowsOf("A11 ZigZag-IMC, DS-CNN, and a chip that it is fitted to", null);
const { rows, in_b, adc_b, node_nm, tclk_ns, TOPS_per_W } = chips.validation_chips.find(
  ({ label }) => label === "AIMC1",
)!;
const column_pJ = surveyConversion_pJ({
  effective_bits: adc_b,
  technology_nm: node_nm,
  samples_per_s: 1e9 / tclk_ns,
});
const zigZagRows: readonly ValidationRow[] = [
  a11(
    `AIMC1, ${rows} rows, ${in_b} b in, ${adc_b} b ADC at ${node_nm} nm`,
    "TOPS/W",
    TOPS_per_W,
    (2 * rows) / column_pJ,
    {
      remark:
        "ours: conversions alone, one per column, by the ADC survey; so an upper bound, and the chip's array, drivers and logic take the rest",
    },
  ),
  a11("first layer: energy", "nJ", 487.2, null, {
    remark: "a chip file of its parts would be needed",
  }),
  a11("first layer: cycles of reads, loads left out", "cycles", 16_640, firstLayerReads, {
    tolerance_frac: 0,
    kind: "fitted",
    remark:
      "26 x 5 positions, inferred from the cycles (25 x 5 would be 16,000), of 10 x 4 inputs and 64 outputs on 32 x 4 weights, 2 of 8 bits at a time",
  }),
  a11("first layer: ADC share of the array's energy", "frac", 0.78, null, {
    remark: "its cells and drivers are counted in gate capacitances, for which we have no prices",
  }),
];

export const toolRows: readonly ValidationRow[] = [...neuroSimRows, ...mnsimRows, ...zigZagRows];

import { surveyConversion_pJ } from "../../../src/cost/components/adc-survey.ts";
import { readPhases } from "../../../src/cost/components/crossbar.ts";
import { components } from "../../cost/components-json.ts";
import { rowsOf, type ValidationRow } from "../row.ts";

const NO_NETWORK =
  "a convolutional network: our lowering knows decoders only, and gives no time, area or energy of one";

/** Layers of VGG8 on CIFAR-10: positions that a kernel is applied to, its inputs and outputs. */
const VGG8 = [
  { positions: 1024, inputs: 27, outputs: 128 },
  { positions: 1024, inputs: 1152, outputs: 128 },
  { positions: 256, inputs: 1152, outputs: 256 },
  { positions: 256, inputs: 2304, outputs: 256 },
  { positions: 64, inputs: 2304, outputs: 512 },
  { positions: 64, inputs: 4608, outputs: 512 },
  { positions: 1, inputs: 8192, outputs: 1024 },
  { positions: 1, inputs: 1024, outputs: 10 },
];

/** Conversions of one image: each column of each block of 128 rows, in each input bit. */
function vgg8Conversions(cell_bits: number): number {
  const phases = readPhases({ input_bits: 8, bits_per_phase: 1 });
  return VGG8.reduce((sum, { positions, inputs, outputs }) => {
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
  a9("SRAM, 1 b cell", "TOPS/W", 28.91, null, { remark: NO_NETWORK }),
  a9("RRAM, 2 b cell: chip area", "mm2", 172.1, null, { remark: NO_NETWORK }),
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
  a10("LeNet: crossbars", "", 48, null, { remark: NO_NETWORK }),
  a10("VGG8: energy", "mJ", 4.449, null, { remark: NO_NETWORK }),
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
  a11("first layer: energy", "nJ", 487.2, null, { remark: NO_NETWORK }),
  a11("first layer: cycles", "cycles", 16_661, null, { remark: NO_NETWORK }),
  a11("first layer: ADC share of the array's energy", "frac", 0.78, null, {
    remark: "its cells and drivers are counted in gate capacitances, for which we have no prices",
  }),
];

export const toolRows: readonly ValidationRow[] = [...neuroSimRows, ...mnsimRows, ...zigZagRows];

import { adcConversion_pJ } from "../../../src/cost/components/adc.ts";
import { surveyArea_um2, surveyConversion_pJ } from "../../../src/cost/components/adc-survey.ts";
import { priceMvm } from "../../../src/cost/price-mvm.ts";
import { logicEnergyFactor } from "../../../src/cost/scaling.ts";
import type { AnalogTile } from "../../../src/model/arch.ts";
import type { Price } from "../../../src/model/op.ts";
import { components } from "../../cost/components-json.ts";
import { loadArch } from "../../cost/load-arch.ts";
import { rowsOf, type ValidationRow } from "../row.ts";

type PartsCost = Extract<AnalogTile["cost"], { kind: "components" }>;

const isaac = loadArch("isaac-ce").tiles[0]!;
const isaacParts = isaac.cost as PartsCost;
/** Registers and controllers of ISAAC are no part of a bare macro. */
const free = { ...isaac.input_buffer, read_pJ_per_B: 0, write_pJ_per_B: 0, bandwidth_GBps: 1e9 };

const energy_pJ = ({ charges }: Price): number =>
  charges.reduce((sum, charge) => sum + charge.energy_pJ, 0);

/* Jia et al. 2020: charge-domain SRAM, 2304 rows, an ADC per column. */
interface Jia {
  readonly rows: readonly [
    unknown,
    { by_voltage: readonly { V: number; adc_pJ: number; cim_pJ: number }[] },
    { adc_mm2: number },
  ];
}
const [, jiaColumn, jiaArea] = components<Jia>("jia2020").rows;
const JIA = { rows: 2304, cols: 256, cycles: 54 };

function jiaTile(clock_ns: number, column: { adc_pJ: number; cim_pJ: number }): AnalogTile {
  return {
    ...isaac,
    crossbar: { rows: JIA.rows, cols: JIA.cols, tiers: 1, slices: 1, devices_per_cell: 1 },
    input: { encoding: "amplitude", bits: 1, bits_per_phase: 1 },
    output: { bits: 8, columns_per_adc: 1 },
    input_buffer: free,
    output_buffer: free,
    cost: {
      ...isaacParts,
      crossbar: {
        ...isaacParts.crossbar,
        integration_ns: JIA.cycles * clock_ns,
        cell_read_fJ: (1000 * column.cim_pJ) / JIA.rows,
      },
      row_driver: { ...isaacParts.row_driver, drive_pJ: 0 },
      sample_hold: { ...isaacParts.sample_hold, sample_fJ: 0 },
      shift_add: { ...isaacParts.shift_add, add_pJ: 0, merge_ns: 0 },
      adc: {
        ...isaacParts.adc,
        conversion_ns: clock_ns,
        energy: { kind: "constant", conversion_pJ: column.adc_pJ },
      },
    },
  };
}

const jiaOps = 2 * JIA.rows * JIA.cols;
const jiaMvm = (clock_ns: number, i: 0 | 1): Price =>
  priceMvm(jiaTile(clock_ns, jiaColumn.by_voltage[i]!), 65, JIA);
const [low, high] = [jiaMvm(25, 0), jiaMvm(10, 1)];
const jiaAdc = { effective_bits: 8, technology_nm: 65, samples_per_s: 1e9 / (JIA.cycles * 25) };

const jia = rowsOf("A5 Jia 2020, 65 nm SRAM macro (JSSC)", 0.02);
const threeDigits = { tolerance_frac: 0.0005, gate: "G1", remark: "" } as const;
const jiaRows: readonly ValidationRow[] = [
  jia("0.85 V: throughput, 1 b x 1 b", "TOPS", 0.874, jiaOps / low.duration_ps, {
    ...threeDigits,
    remark: "closed form, 2 x 2304 x 256 / (54 x 25 ns); printed with three digits",
  }),
  jia("1.2 V: throughput, 1 b x 1 b", "TOPS", 2.185, jiaOps / high.duration_ps, {
    ...threeDigits,
    kind: "fitted",
    remark: "the clock of 10 ns is inferred from this figure",
  }),
  jia("0.85 V: efficiency, 1 b x 1 b", "TOPS/W", 400, jiaOps / energy_pJ(low), {
    remark: "from the printed energies of ADC and array; the datapath is not in the printed figure",
  }),
  jia("1.2 V: efficiency, 1 b x 1 b", "TOPS/W", 192, jiaOps / energy_pJ(high), {
    remark: "as above",
  }),
  jia("0.85 V: a conversion", "pJ", 1.79, surveyConversion_pJ(jiaAdc), {
    tolerance_frac: null,
    remark:
      "ADC survey; CIMLoop multiplies by 0.275 here. At 0.7 MS/s the cap on the figure of merit decides",
  }),
  jia("area of the ADCs", "mm2", jiaArea.adc_mm2, (JIA.cols * surveyArea_um2(jiaAdc)) / 1e6, {
    tolerance_frac: null,
    remark: "ADC survey; CIMLoop multiplies by 0.4 here",
  }),
  jia(
    "energy of a conversion, 1.2 V over 0.85 V",
    "",
    3.56 / 1.79,
    logicEnergyFactor({ node_nm: 65, supply_V: 0.85 }, { node_nm: 65, supply_V: 1.2 }),
    { tolerance_frac: null, remark: "logic scaling; the ADC goes with the square of the voltage" },
  ),
];

/* Other macros of the same collection. */
interface Colonnade {
  readonly rows: readonly [{ fJ_per_mac_8bx8b: Readonly<Record<string, number>> }];
}
const colonnade_fJ = components<Colonnade>("colonnade2021").rows[0].fJ_per_mac_8bx8b;
const int8 = components<{ mac: { "45nm": { int8: number } } }>("digital_ops_pJ").mac["45nm"].int8;
const at65 = (supply_V: number): number =>
  1000 * int8 * logicEnergyFactor({ node_nm: 45, supply_V: 0.9 }, { node_nm: 65, supply_V });

const others = rowsOf("A5 other macros that CIMLoop validates with", null);
const macroRows: readonly ValidationRow[] = [
  others(
    "Colonnade 2021, 65 nm digital, 0.8 V: MAC, 8 b x 8 b",
    "fJ",
    colonnade_fJ["V0_8"]!,
    at65(0.8),
    {
      remark:
        "ours: an INT8 multiply and add of 45 nm (Horowitz), scaled; the macro also moves operands bit by bit past its cells",
    },
  ),
  others(
    "Colonnade 2021: energy, 0.8 V over 0.6 V",
    "",
    colonnade_fJ["V0_8"]! / colonnade_fJ["V0_6"]!,
    at65(0.8) / at65(0.6),
    {
      remark:
        "the polynomials of the logic scaling are flat below the usual supply: do not scale to low voltage with them",
    },
  ),
  others(
    "Wang 2022, 22 nm: energy, 1.1 V over 0.7 V",
    "",
    31.998 / 15.467,
    logicEnergyFactor({ node_nm: 20, supply_V: 0.7 }, { node_nm: 20, supply_V: 1.1 }),
    {
      remark:
        "logic scaling at 20 nm, the nearest node with coefficients; the macro is mixed-signal",
    },
  ),
  others("Wang 2022, 22 nm, 8 b, 0.7 V", "TOPS/W", 31.998, null, {
    remark: "rows per conversion and conversion rate are not at hand",
  }),
  others("Sinangil 2021, 7 nm, 4 b, 0.8 V", "GOPS", 372.4, null, {
    remark: "the cycle time is not at hand, and would be taken from this figure",
  }),
];

/* NeuRRAM. */
interface NeuRram {
  readonly chip_TOPS_and_TOPS_per_W: readonly {
    input_bits: number;
    one_phase: number;
    TOPS_per_W: number;
  }[];
  readonly energy_fJ_per_mac: readonly {
    input_bits: number;
    output_bits: number;
    wl_switching: number;
    neuron: number;
    input_pulses: number;
  }[];
}
const neurram = components<NeuRram>("neurram");
const a4 = rowsOf("A4 NeuRRAM, 130 nm, 48 cores (Nature 2022)", null);
const neurramRows: readonly ValidationRow[] = [
  ...neurram.energy_fJ_per_mac.slice(0, 6).map((split) => {
    const chip = neurram.chip_TOPS_and_TOPS_per_W.find(
      (row) => row.input_bits === split.input_bits && row.one_phase === 0,
    )!;
    const mac_fJ = split.wl_switching + split.neuron + split.input_pulses;
    return a4(
      `${split.input_bits} b in, ${split.output_bits} b out, 1 op per MAC`,
      "TOPS/W",
      chip.TOPS_per_W,
      1000 / mac_fJ,
      {
        remark:
          "the sum of its three published parts: agrees only if an op is a whole MAC, so these figures are half of what the other rows of this page would call them",
      },
    );
  }),
  a4("5 b in: throughput of two phases over one", "", 0.5254 / 0.4516, null, {
    remark:
      "ours adds phases of given length; the length of a pulse and of the neuron's conversion are not published apart",
  }),
  a4("1 b in, 3 b out", "TOPS", 2.122, null, { remark: "as above" }),
];

/* RAELLA against an 8-bit ISAAC. */
const perMac_pJ = (tile: AnalogTile, cols: number): number =>
  energy_pJ(priceMvm(tile, 32, { rows: tile.crossbar.rows, cols })) / (tile.crossbar.rows * cols);

const eightBits = { encoding: "bit-serial", bits: 8, bits_per_phase: 1 } as const;
const isaac8: AnalogTile = {
  ...isaac,
  crossbar: { ...isaac.crossbar, slices: 4 },
  input: eightBits,
};
const rate = { technology_nm: 32, samples_per_s: 1.28e9 };
const sevenBits =
  surveyConversion_pJ({ ...rate, effective_bits: 7 }) /
  surveyConversion_pJ({ ...rate, effective_bits: 8 });
const isaacConversion_pJ = adcConversion_pJ({
  bits: 8,
  technology_nm: 32,
  conversion_ns: isaacParts.adc.conversion_ns,
  energy: isaacParts.adc.energy,
});
const raella: AnalogTile = {
  ...isaac,
  crossbar: { rows: 512, cols: 512, tiers: 1, slices: 3, devices_per_cell: 2, cell_bits: 3 },
  input: eightBits,
  output: { bits: 7, columns_per_adc: 128 },
  cost: {
    ...isaacParts,
    crossbar: {
      ...isaacParts.crossbar,
      // Two devices a cell; speculation reads 2.5 times as often.
      cell_read_fJ: 2 * 2.5 * isaacParts.crossbar.cell_read_fJ,
    },
    adc: {
      ...isaacParts.adc,
      energy: { kind: "constant", conversion_pJ: 0.42 * sevenBits * isaacConversion_pJ },
    },
  },
};

const a6 = rowsOf("A6 RAELLA, 32 nm (ISCA 2023)", null);
const raellaRows: readonly ValidationRow[] = [
  a6(
    "energy efficiency over an 8-bit ISAAC, array and converters",
    "",
    4.9,
    perMac_pJ(isaac8, 32) / perMac_pJ(raella, 170),
    {
      remark:
        "published: up to 4.9, whole chips. Ours: MVMs alone, with ISAAC's part prices, the survey's step from 8 to 7 bits and the published factors of speculation; so without eDRAM and network, which do not shrink",
    },
  ),
  a6("throughput", "", 3.3, null, {
    remark: "at equal area of chips whose floor plan is not at hand; speculation itself costs 8/11",
  }),
];

export const macroAnchorRows: readonly ValidationRow[] = [
  ...neurramRows,
  ...jiaRows,
  ...macroRows,
  ...raellaRows,
];

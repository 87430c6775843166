import {
  chipArea_mm2,
  chipComponents,
  chipStatic_mW,
  tileArea_mm2,
  tileStatic_mW,
} from "../../../src/cost/area.ts";
import { createPriceList } from "../../../src/cost/price.ts";
import type { Arch, Core } from "../../../src/model/arch.ts";
import type { Price } from "../../../src/model/op.ts";
import { published } from "../../cost/components-json.ts";
import { loadArch } from "../../cost/load-arch.ts";
import { rowsOf, type ValidationRow } from "../row.ts";

const IMAS = 12;
const ARRAYS_PER_IMA = 8;
const ARRAYS_PER_TILE = IMAS * ARRAYS_PER_IMA;
const TILES = 168;
const CYCLE_NS = 100;

const arch = loadArch("isaac-ce");
const array = arch.tiles[0]!;
const { price } = createPriceList(arch);
/** One MVM of a full array: 128 inputs, 16 weights of 16 bits per row. */
const mvm = price({ kind: "mvm", tileKind: 0, rows: 128, cols: 16 });
const mvm_ns = mvm.duration_ps / 1000;

/** Power of parts of an array that works without pause. */
const dynamic_mW = (parts: readonly string[]): number =>
  mvm.charges
    .filter(({ component }) => parts.some((part) => component === `array ${part}`))
    .reduce((sum, { energy_pJ }) => sum + energy_pJ, 0) / mvm_ns;

const IMA_PARTS = [
  "adc",
  "row driver",
  "sample-and-hold",
  "crossbar",
  "shift-and-add",
  "input buffer",
  "output buffer",
];

const component = (name: string) => chipComponents(arch).find((row) => row.component === name)!;
const perTile_mW = (name: string) => component(name).static_mW / TILES;
const perTile_mm2 = (name: string) => component(name).area_mm2 / TILES;

/** Shared tile parts that the arch file lists for the whole chip. */
const CHIP_PARTS = ["edram", "interconnect"];
/** Busy sigmoid units, and the one shift-and-add of a tile: both work at full rate at the peak. */
const fullRate_mW = (unit: { lanes: number; clock_GHz: number; lane_op_pJ: number }) =>
  unit.lanes * unit.clock_GHz * unit.lane_op_pJ;
const sigmoid_mW = fullRate_mW(arch.cores[0] as Extract<Core, { kind: "vector" }>);
const tileShiftAdd_mW = ARRAYS_PER_TILE * fullRate_mW(array.local_unit);

const tile_mW =
  ARRAYS_PER_TILE * (dynamic_mW(IMA_PARTS) + tileStatic_mW(array)) +
  CHIP_PARTS.map(perTile_mW).reduce((a, b) => a + b, 0) +
  sigmoid_mW +
  tileShiftAdd_mW;
const tile_mm2 =
  ARRAYS_PER_TILE * tileArea_mm2(array) +
  [...CHIP_PARTS, "sigmoid units"].map(perTile_mm2).reduce((a, b) => a + b, 0);

const chip_W =
  (chipStatic_mW(arch) +
    array.count * dynamic_mW(IMA_PARTS) +
    TILES * (sigmoid_mW + tileShiftAdd_mW)) /
  1000;
const chip_mm2 = chipArea_mm2(arch);
const macs = 128 * 16;
const peak_TOPS = (array.count * 2 * macs) / mvm_ns / 1000;
const stored_MiB = (array.count * 128 * 128 * 2) / 8 / 2 ** 20;
const conversions = mvm.charges.find((row) => row.component === "array adc")!.count;

/** Cycles of 100 ns that a stage takes. */
const cycles = ({ duration_ps, tail_ps }: Price) =>
  Math.max(1, Math.round((duration_ps + tail_ps) / 1000 / CYCLE_NS));
const depth =
  cycles(mvm) +
  cycles(price({ kind: "vector", core: 0, fn: "sigmoid", elements: 16 })) +
  cycles(price({ kind: "memory", memory: 0, access: "write", bytes: 32 }));

/** The chip with a crossbar that takes 200 ns. */
const parts = array.cost as Extract<typeof array.cost, { kind: "components" }>;
const slow: Arch = {
  ...arch,
  tiles: [
    { ...array, cost: { ...parts, crossbar: { ...parts.crossbar, integration_ns: 2 * CYCLE_NS } } },
  ],
};
const slowMvm = createPriceList(slow).price({ kind: "mvm", tileKind: 0, rows: 128, cols: 16 });
const slowRate = mvm.duration_ps / slowMvm.duration_ps;

const row = rowsOf("A1 ISAAC-CE (ISCA 2016, October 2016 text)", 0.02);
const ima = (part: string, kind: string): ValidationRow =>
  row(
    `IMA ${part}`,
    "mW",
    published("isaac", kind, "power_mW"),
    ARRAYS_PER_IMA * dynamic_mW([part]),
    { kind: "fitted" },
  );
const area = (part: string, kind: string): ValidationRow =>
  row(
    `IMA ${part}`,
    "mm2",
    published("isaac", kind, "area_mm2"),
    component(`array ${part}`).area_mm2 / TILES / IMAS,
    { kind: "fitted" },
  );

export const isaacRows: readonly ValidationRow[] = [
  ima("adc", "adc"),
  ima("row driver", "dac"),
  ima("sample-and-hold", "sample_hold"),
  ima("crossbar", "crossbar"),
  ima("shift-and-add", "shift_add"),
  ima("input buffer", "input_register"),
  ima("output buffer", "output_register"),
  area("adc", "adc"),
  area("row driver", "dac"),
  area("sample-and-hold", "sample_hold"),
  area("crossbar", "crossbar"),
  area("shift-and-add", "shift_add"),
  area("input buffer", "input_register"),
  area("output buffer", "output_register"),
  row("12 IMAs, power", "mW", 288.96, ARRAYS_PER_TILE * dynamic_mW(IMA_PARTS)),
  row("tile power, router at 1/4", "mW", 329.8, tile_mW),
  row("tile area, router at 1/4", "mm2", 0.3723, tile_mm2),
  row("168 tiles, power", "W", 55.4, (TILES * tile_mW) / 1000),
  row("168 tiles, area", "mm2", 62.5, TILES * tile_mm2),
  row("chip power at peak", "W", 65.8, chip_W),
  row("chip area", "mm2", 85.4, chip_mm2),
  row("ADC share of tile power", "frac", 0.58, (ARRAYS_PER_TILE * dynamic_mW(["adc"])) / tile_mW),
  row("ADC share of tile area", "frac", 0.31, perTile_mm2("array adc") / tile_mm2),
  row("peak throughput, 2 ops per 16-bit MAC", "TOPS", 41.29, peak_TOPS),
  row("peak power efficiency, 2 ops per MAC", "GOPS/W", 627.5, (peak_TOPS * 1000) / chip_W),
  row("peak area efficiency, 2 ops per MAC", "GOPS/mm2", 478.95, (peak_TOPS * 1000) / chip_mm2, {
    remark: "41,288 / 85.4 is 483.5; the paper prints 478.95",
  }),
  row("storage density", "MiB/mm2", 0.74, stored_MiB / chip_mm2),
  row("ADC power at peak", "W", 32.26, (array.count * dynamic_mW(["adc"])) / 1000),
  row("conversions per MAC", "", 1, conversions / macs, { tolerance_frac: 0 }),
  row("pipeline depth of a dot product, to eDRAM", "cycles", 22, depth, {
    tolerance_frac: 0,
    remark: "eDRAM read 1, reads 16, ADC 1, shift-and-add 1, output register 1, sigmoid 1, write 1",
  }),
  row("crossbar at 200 ns: throughput", "frac", 0.5, slowRate, { tolerance_frac: 0 }),
  row(
    "crossbar at 200 ns: area efficiency",
    "frac",
    0.7,
    (slowRate * chip_mm2) / chipArea_mm2(slow),
    {
      tolerance_frac: null,
      remark:
        "ours keeps every area; which parts the paper makes smaller (converters at half the rate) is not told",
    },
  ),
];

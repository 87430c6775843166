import { published } from "../../cost/components-json.ts";
import { rowsOf, type ValidationRow } from "../row.ts";

const p = (kind: string, quantity: "power_mW" | "area_mm2") => published("puma", kind, quantity);
const sum = (quantity: "power_mW" | "area_mm2", parts: readonly [string, number][]) =>
  parts.reduce((total, [kind, times]) => total + times * p(kind, quantity), 0);

const CORE: readonly [string, number][] = [
  ["control_pipeline", 1],
  ["core_instruction_memory", 1],
  ["register_file", 1],
  ["mvmu", 2],
  ["vfu", 1],
  ["sfu", 1],
];
const TILE: readonly [string, number][] = [
  ["core", 8],
  ["tile_data_memory", 1],
  ["tile_memory_bus", 1],
  ["tile_receive_buffer", 1],
];
const NODE: readonly [string, number][] = [
  ["tile", 138],
  ["noc", 1],
  ["offchip", 1],
];

const MVMUS = 138 * 8 * 2;
const OPS = 2 * 128 * 128;
/** Interval of MVMs that the published throughput implies. */
const mvm_ns = (MVMUS * OPS) / (837 * 62.5);
const peak_GOPS = (MVMUS * OPS) / mvm_ns;

const row = rowsOf("A2 PUMA (ASPLOS 2019), sums of its table", 0.02);
const recalled = "the table is recalled; sums only";

/** No chip file: the component table of PUMA is recalled, so only its sums are checked. */
export const pumaRows: readonly ValidationRow[] = [
  row("core power", "mW", p("core", "power_mW"), sum("power_mW", CORE), { remark: recalled }),
  // MVMU area is that of both of a core.
  row(
    "core area",
    "mm2",
    0.0369,
    sum(
      "area_mm2",
      CORE.map(([kind, times]) => [kind, kind === "mvmu" ? 2 : times]),
    ),
    { remark: recalled },
  ),
  row("tile power", "mW", p("tile", "power_mW"), sum("power_mW", TILE), {
    remark: "8 cores, data memory, memory bus, receive buffer; recalled",
  }),
  row("node power", "mW", p("node", "power_mW"), sum("power_mW", NODE), { remark: recalled }),
  row("node area", "mm2", p("node", "area_mm2"), sum("area_mm2", NODE), { remark: recalled }),
  row("power efficiency, 2 ops per 16-bit MAC", "GOPS/W", 837, peak_GOPS / 62.5, {
    kind: "fitted",
  }),
  row("area efficiency, 2 ops per 16-bit MAC", "GOPS/mm2", 577, peak_GOPS / 90.638, {
    remark: "throughput from the power efficiency, so the two published figures check each other",
  }),
];

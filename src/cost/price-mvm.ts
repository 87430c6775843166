import type { AnalogTile } from "../model/arch.ts";
import type { Charge, Price } from "../model/op.ts";
import { psFromNs } from "../units/convert.ts";
import { unreachable } from "../units/exhaustive.ts";
import { type Block, countMvm, inputBytes, type MvmActions, outputBytes } from "./actions.ts";
import { charge } from "./charge.ts";
import { adcConversion_pJ, conversionPhase_ns } from "./components/adc.ts";
import { mvmTimes_ns } from "./components/crossbar.ts";

/** Price of one input vector through one block of weights on one tier. */
export function priceMvm(tile: AnalogTile, technology_nm: number, block: Block): Price {
  switch (tile.cost.kind) {
    case "components":
      return priceByParts(tile, tile.cost, technology_nm, block);
    case "lumped":
      return priceWhole(tile, tile.cost, block);
    default:
      return unreachable(tile.cost);
  }
}

type PartsCost = Extract<AnalogTile["cost"], { kind: "components" }>;
type LumpedCost = Extract<AnalogTile["cost"], { kind: "lumped" }>;

/** Every part has its price; unused rows and columns cost nothing. */
function priceByParts(
  tile: AnalogTile,
  cost: PartsCost,
  technology_nm: number,
  block: Block,
): Price {
  const n = countMvm(tile, block);
  const times = mvmTimes_ns(stages(tile, cost, n));
  return {
    ...onGrid(times),
    charges: [...partCharges(tile, cost, technology_nm, n), ...bufferCharges(tile, n)],
  };
}

function stages(tile: AnalogTile, cost: PartsCost, n: MvmActions) {
  return {
    phases: n.phases,
    integration_ns: cost.crossbar.integration_ns,
    conversion_ns: conversionPhase_ns(
      n.usedColumns,
      tile.output.columns_per_adc,
      cost.adc.conversion_ns,
    ),
    merge_ns: cost.shift_add.merge_ns ?? 0,
    load_ns: n.inputBytes / tile.input_buffer.bandwidth_GBps,
    store_ns: n.outputBytes / tile.output_buffer.bandwidth_GBps,
  };
}

/** Do the converters, and not the crossbar or its buffers, decide when a tile takes its next MVM? */
export function waitsForAdc(tile: AnalogTile, block: Block): boolean {
  if (tile.cost.kind !== "components") return false;
  const s = stages(tile, tile.cost, countMvm(tile, block));
  const converting_ns = s.phases * s.conversion_ns;
  return (
    s.conversion_ns > s.integration_ns && converting_ns > s.load_ns && converting_ns > s.store_ns
  );
}

function partCharges(
  tile: AnalogTile,
  cost: PartsCost,
  technology_nm: number,
  n: MvmActions,
): Charge[] {
  const { conversion_ns, energy } = cost.adc;
  const conversion_pJ = adcConversion_pJ({
    bits: tile.output.bits,
    conversion_ns,
    energy,
    technology_nm,
  });
  const part = (component: string, action: string, count: number, each_pJ: number): Charge =>
    charge(`${tile.name} ${component}`, action, count, each_pJ);
  return [
    part("row driver", "drive", n.rowDrives, cost.row_driver.drive_pJ),
    part("crossbar", "read cell", n.cellReads, cost.crossbar.cell_read_fJ / 1000),
    part("sample-and-hold", "sample", n.samples, cost.sample_hold.sample_fJ / 1000),
    part("adc", "convert", n.conversions, conversion_pJ),
    part("shift-and-add", "merge", n.merges, cost.shift_add.add_pJ),
  ];
}

/**
 * One figure for the whole crossbar, however much of it the block fills, as it is published; it
 * says nothing about parts, so nothing can be saved by using fewer of them.
 */
function priceWhole(tile: AnalogTile, cost: LumpedCost, block: Block): Price {
  const n = {
    inputBytes: inputBytes(tile, block.rows),
    outputBytes: outputBytes(tile, block.cols),
  };
  const load_ns = n.inputBytes / tile.input_buffer.bandwidth_GBps;
  const store_ns = n.outputBytes / tile.output_buffer.bandwidth_GBps;
  const busy_ns = Math.max(cost.mvm_ns, load_ns, store_ns);
  return {
    ...onGrid({ busy_ns, latency_ns: load_ns + cost.mvm_ns + store_ns }),
    charges: [charge(`${tile.name} crossbar`, "mvm", 1, cost.mvm_pJ), ...bufferCharges(tile, n)],
  };
}

/** Inputs are written by the network and read by the drivers; outputs the other way round. */
function bufferCharges(
  tile: AnalogTile,
  n: Pick<MvmActions, "inputBytes" | "outputBytes">,
): Charge[] {
  const { name, input_buffer, output_buffer } = tile;
  return [
    charge(`${name} input buffer`, "write", n.inputBytes, input_buffer.write_pJ_per_B),
    charge(`${name} input buffer`, "read", n.inputBytes, input_buffer.read_pJ_per_B),
    charge(`${name} output buffer`, "write", n.outputBytes, output_buffer.write_pJ_per_B),
    charge(`${name} output buffer`, "read", n.outputBytes, output_buffer.read_pJ_per_B),
  ];
}

function onGrid(times: { readonly busy_ns: number; readonly latency_ns: number }) {
  const duration_ps = Math.max(1, psFromNs(times.busy_ns));
  return { duration_ps, tail_ps: Math.max(0, psFromNs(times.latency_ns) - duration_ps) };
}

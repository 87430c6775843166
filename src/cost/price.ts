/** What each op costs on a given chip. */
import type { Arch, Core, Memory } from "../model/arch.ts";
import type { Charge, Op, Price, VectorFunction } from "../model/op.ts";
import { psFromNs } from "../units/convert.ts";
import { unreachable } from "../units/exhaustive.ts";
import { countMacs } from "./actions.ts";
import { charge } from "./charge.ts";
import { LANE_OPS } from "./components/lane-ops.ts";
import { systolicCycles } from "./components/systolic.ts";
import { type TabulatedFunction, tabulatedCost } from "./components/tabulated.ts";
import { vector_ns } from "./components/vector-unit.ts";
import { priceMvm } from "./price-mvm.ts";

type OpOf<K extends Op["kind"]> = Extract<Op, { kind: K }>;

/** Prices of one chip. */
export interface PriceList {
  /** A message has no charges here: they grow with its route. */
  readonly price: (op: Op) => Price;
  /** Time that the head of a message takes per hop. */
  readonly hop_ps: number;
  readonly messageCharge: (bytes: number, hops: number) => Charge;
}

/** Makes the price list of a chip; every constant comes from the arch file. */
export function createPriceList(arch: Arch): PriceList {
  const { hop_ns, hop_pJ_per_B } = arch.interconnect;
  return {
    price: (op) => priceOp(arch, op),
    hop_ps: psFromNs(hop_ns),
    messageCharge: (bytes, hops) => charge("interconnect", "byte hop", bytes * hops, hop_pJ_per_B),
  };
}

function priceOp(arch: Arch, op: Op): Price {
  switch (op.kind) {
    case "mvm":
      return priceMvm(at(arch.tiles, op.tileKind), arch.technology_nm, op);
    case "tile-vector":
      return priceTileVector(arch, op);
    case "vector":
      return priceVector(at(arch.cores, op.core), op.fn, op.elements);
    case "matmul":
      return priceMatmul(at(arch.cores, op.core), op);
    case "memory":
      return priceMemory(at(arch.memories, op.memory), op);
    case "message":
      return timed(op.bytes / arch.interconnect.link_GBps, 0, []);
    case "program":
      return priceProgramming(arch, op);
    default:
      return unreachable(op);
  }
}

function priceTileVector(arch: Arch, op: OpOf<"tile-vector">): Price {
  const { name, local_unit } = at(arch.tiles, op.tileKind);
  const laneOps = op.elements * LANE_OPS[op.fn];
  return timed(vector_ns(local_unit, op.elements, LANE_OPS[op.fn]), 0, [
    charge(`${name} local unit`, op.fn, laneOps, local_unit.lane_op_pJ),
  ]);
}

/** On a roofline core a lane operation is charged as one multiply-accumulate: an upper bound. */
function priceVector(core: Core, fn: VectorFunction, elements: number): Price {
  const laneOps = elements * LANE_OPS[fn];
  switch (core.kind) {
    case "vector": {
      const entry = core.functions?.find((row) => row.fn === fn);
      if (entry) return priceTabulated(core.name, entry, elements);
      return timed(vector_ns(core, elements, LANE_OPS[fn]), 0, [
        charge(core.name, fn, laneOps, core.lane_op_pJ),
      ]);
    }
    case "roofline":
      return timed(laneOps / core.vector_GOPps, 0, [charge(core.name, fn, laneOps, core.mac_pJ)]);
    case "systolic":
      throw new Error(`core "${core.name}" is a systolic array and cannot run ${fn}`);
    default:
      return unreachable(core);
  }
}

function priceTabulated(
  name: string,
  entry: TabulatedFunction & { readonly fn: VectorFunction },
  elements: number,
): Price {
  const { blocks, busy_ns, tail_ns } = tabulatedCost(entry, elements);
  return timed(busy_ns, tail_ns, [charge(name, entry.fn, blocks, entry.block_pJ)]);
}

/** Arithmetic only: weights and activations are memory ops of their own. */
function priceMatmul(core: Core, op: OpOf<"matmul">): Price {
  const macs = countMacs(op);
  switch (core.kind) {
    case "systolic": {
      const { busy, drain } = systolicCycles(core, op);
      return timed(busy / core.clock_GHz, drain / core.clock_GHz, [
        charge(core.name, "mac", macs, core.mac_pJ),
      ]);
    }
    case "roofline":
      return timed(macs / core.peak_GMACps, 0, [charge(core.name, "mac", macs, core.mac_pJ)]);
    case "vector":
      return timed(vector_ns(core, macs, LANE_OPS["multiply-add"]), 0, [
        charge(core.name, "mac", macs * LANE_OPS["multiply-add"], core.lane_op_pJ),
      ]);
    default:
      return unreachable(core);
  }
}

/** The memory is kept for the transfer; the first byte's latency delays the result only. */
function priceMemory(memory: Memory, { access, bytes }: OpOf<"memory">): Price {
  const each_pJ = access === "read" ? memory.read_pJ_per_B : memory.write_pJ_per_B;
  return timed(bytes / memory.bandwidth_GBps, memory.latency_ns, [
    charge(memory.name, access, bytes, each_pJ),
  ]);
}

function priceProgramming(arch: Arch, op: OpOf<"program">): Price {
  const { name, programming } = at(arch.tiles, op.tileKind);
  return timed(programming.crossbar_ns, 0, [
    charge(`${name} programming`, "write crossbar", 1, programming.crossbar_pJ),
  ]);
}

function timed(busy_ns: number, tail_ns: number, charges: readonly Charge[]): Price {
  return { duration_ps: Math.max(1, psFromNs(busy_ns)), tail_ps: psFromNs(tail_ns), charges };
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`no entry ${index} in a list of ${list.length}`);
  return item;
}

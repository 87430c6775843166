/** What each op costs on a given chip. */
import type { AnalogTile, Arch, Core, Gated, Memory } from "../model/arch.ts";
import { routerAdd_pJ } from "../model/interconnect.ts";
import type { Charge, Op, Price, VectorFunction } from "../model/op.ts";
import { psFromNs } from "../units/convert.ts";
import { unreachable } from "../units/exhaustive.ts";
import { countMacs } from "./actions.ts";
import { readingParts } from "./area.ts";
import { charge } from "./charge.ts";
import { LANE_OPS } from "./components/lane-ops.ts";
import { crossbarWrite } from "./components/programming.ts";
import { systolicCycles } from "./components/systolic.ts";
import { type TabulatedFunction, tabulatedCost } from "./components/tabulated.ts";
import { vector_ns } from "./components/vector-unit.ts";
import { awakeCharges, type StaticPart } from "./gating.ts";
import { priceMvm } from "./price-mvm.ts";

type OpOf<K extends Op["kind"]> = Extract<Op, { kind: K }>;

/** Prices of one chip. */
export interface PriceList {
  /** Of a message, what its reduction adds; the charges for its bytes grow with its route. */
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
      return priceRead(at(arch.tiles, op.tileKind), arch.technology_nm, op);
    case "tile-vector":
      return priceTileVector(arch, op);
    case "vector":
      return awake(at(arch.cores, op.core), (core) => priceVector(core, op.fn, op.elements));
    case "matmul":
      return awake(at(arch.cores, op.core), (core) => priceMatmul(core, op));
    case "memory":
      return awake(at(arch.memories, op.memory), (memory) => priceMemory(memory, op));
    case "message":
      return timed(op.bytes / arch.interconnect.link_GBps, 0, addCharges(arch, op.adds ?? 0));
    case "program":
      return priceProgramming(arch, op);
    default:
      return unreachable(op);
  }
}

function addCharges({ interconnect }: Arch, adds: number): readonly Charge[] {
  if (adds === 0) return [];
  const add_pJ = routerAdd_pJ(interconnect);
  if (add_pJ === null) throw new Error("the routers of this chip cannot add");
  return [charge("interconnect", "add", adds, add_pJ)];
}

function priceTileVector(arch: Arch, op: OpOf<"tile-vector">): Price {
  const tile = at(arch.tiles, op.tileKind);
  const { local_unit } = tile;
  const component = `${tile.name} local unit`;
  const laneOps = op.elements * LANE_OPS[op.fn];
  const price = timed(vector_ns(local_unit, op.elements, LANE_OPS[op.fn]), 0, [
    charge(component, op.fn, laneOps, local_unit.lane_op_pJ),
  ]);
  return withAwake(price, tile, [{ component, instances: 1, static_mW: local_unit.static_mW }]);
}

function priceRead(tile: AnalogTile, technology_nm: number, op: OpOf<"mvm">): Price {
  return withAwake(priceMvm(tile, technology_nm, op), tile, readingParts(tile));
}

/** Price on a core or memory, with what it draws while it is awake. */
function awake<T extends Gated & { readonly name: string; readonly static_mW: number }>(
  part: T,
  price: (part: T) => Price,
): Price {
  const { name: component, static_mW } = part;
  return withAwake(price(part), part, [{ component, instances: 1, static_mW }]);
}

function withAwake(price: Price, gated: Gated, parts: readonly StaticPart[]): Price {
  const charges = awakeCharges(gated, parts, price.duration_ps);
  return charges.length === 0 ? price : { ...price, charges: [...price.charges, ...charges] };
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
  const { energy_pJ, duration_ns } = crossbarWrite(programming);
  return timed(duration_ns, 0, [charge(`${name} programming`, "write crossbar", 1, energy_pJ)]);
}

function timed(busy_ns: number, tail_ns: number, charges: readonly Charge[]): Price {
  return { duration_ps: Math.max(1, psFromNs(busy_ns)), tail_ps: psFromNs(tail_ns), charges };
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`no entry ${index} in a list of ${list.length}`);
  return item;
}

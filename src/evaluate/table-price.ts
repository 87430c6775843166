/** Prices on rows of counts. */
import { createPriceList, type PriceList } from "../cost/price.ts";
import type { Arch } from "../model/arch.ts";
import type { Charge, Op } from "../model/op.ts";
import { type Pool, poolsOf, type RowSet } from "./table-rows.ts";

/** What the numbers of a priced row mean: energies, busy times, number of ops, latency. */
export interface Columns {
  /** Components of the chip, as in breakdowns. */
  readonly components: readonly string[];
  /** Kinds of resources; tiles of a kind are one pool. */
  readonly pools: readonly Pool[];
  /** Components, pools and two. */
  readonly width: number;
}

/** Rows of priced sets, by set. */
export interface PricedSets {
  readonly columns: Columns;
  /** [sets][rows], each [width]; the latency is that of the row's longest chain. */
  readonly rows: readonly (readonly Float64Array[])[];
}

/** Puts the prices of a chip on all rows. */
export function priceSets(arch: Arch, sets: readonly RowSet[]): PricedSets {
  const list = createPriceList(arch);
  const components: string[] = [];
  const numberOf = new Map<string, number>();
  const componentOf = (name: string): number => {
    const known = numberOf.get(name) ?? components.push(name) - 1;
    numberOf.set(name, known);
    return known;
  };
  const prices = sets.map(({ ops }) => priceOps(list, ops, componentOf));
  const pools = poolsOf(arch);
  const columns = { components, pools, width: components.length + pools.length + 2 };
  return { columns, rows: sets.map((set, s) => priceRows(set, prices[s]!, columns)) };
}

/** Prices of the ops of a set; charges of op i are entries chargeBegin[i] .. chargeBegin[i + 1]. */
interface OpPrices {
  readonly duration_ps: Float64Array;
  readonly latency_ps: Float64Array;
  readonly chargeBegin: Int32Array;
  readonly component: readonly number[];
  readonly energy_pJ: readonly number[];
}

/** A message is priced per hop, and takes no time: how far it goes depends on the placement. */
function priceOps(
  list: PriceList,
  ops: readonly Op[],
  componentOf: (name: string) => number,
): OpPrices {
  const duration_ps = new Float64Array(ops.length);
  const latency_ps = new Float64Array(ops.length);
  const chargeBegin = new Int32Array(ops.length + 1);
  const component: number[] = [];
  const energy_pJ: number[] = [];
  const add = (charges: readonly Charge[]): void => {
    for (let i = 0; i < charges.length; i++) {
      component.push(componentOf(charges[i]!.component));
      energy_pJ.push(charges[i]!.energy_pJ);
    }
  };
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i]!;
    if (op.kind === "message") add([list.messageCharge(op.bytes, 1)]);
    else {
      const price = list.price(op);
      duration_ps[i] = price.duration_ps;
      latency_ps[i] = price.duration_ps + price.tail_ps;
      add(price.charges);
    }
    chargeBegin[i + 1] = component.length;
  }
  return { duration_ps, latency_ps, chargeBegin, component, energy_pJ };
}

function priceRows(
  { rows, chains }: RowSet,
  { duration_ps, latency_ps, chargeBegin, component, energy_pJ }: OpPrices,
  { components, width }: Columns,
): Float64Array[] {
  const chain_ps = chains.measure(latency_ps);
  return rows.map(({ ops, pools, times, chains: begins, opCount }) => {
    const row = new Float64Array(width);
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i]!;
      for (let c = chargeBegin[op]!; c < chargeBegin[op + 1]!; c++)
        row[component[c]!]! += times[i]! * energy_pJ[c]!;
      if (pools[i]! >= 0) row[components.length + pools[i]!]! += times[i]! * duration_ps[op]!;
    }
    row[width - 2] = opCount;
    for (let i = 0; i < begins.length; i++) row[width - 1]! += chain_ps[begins[i]!]!;
    return row;
  });
}

/** Prices on rows of counts. */
import { createPriceList, type PriceList } from "../cost/price.ts";
import type { Arch } from "../model/arch.ts";
import type { Charge, Op } from "../model/op.ts";
import { type Pool, poolsOf, type RowSet } from "./table-rows.ts";

/** What the numbers of a priced row mean: energies, then busy times, then one latency. */
export interface Columns {
  /** Components of the chip, as in breakdowns. */
  readonly components: readonly string[];
  /** Kinds of resources; tiles of a kind are one pool. */
  readonly pools: readonly Pool[];
  /** Components, pools and one. */
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
  const prices = sets.map(({ ops }) => ops.map((op) => priceOp(list, op, componentOf)));
  const pools = poolsOf(arch);
  const columns = { components, pools, width: components.length + pools.length + 1 };
  return { columns, rows: sets.map((set, s) => priceRows(set, prices[s]!, columns)) };
}

interface OpPrice {
  readonly duration_ps: number;
  readonly latency_ps: number;
  readonly charges: readonly { readonly component: number; readonly energy_pJ: number }[];
}

/** A message is priced per hop, and takes no time: how far it goes depends on the placement. */
function priceOp(list: PriceList, op: Op, componentOf: (name: string) => number): OpPrice {
  const numbered = (charges: readonly Charge[]) =>
    charges.map(({ component, energy_pJ }) => ({ component: componentOf(component), energy_pJ }));
  if (op.kind === "message")
    return { duration_ps: 0, latency_ps: 0, charges: numbered([list.messageCharge(op.bytes, 1)]) };
  const { duration_ps, tail_ps, charges } = list.price(op);
  return { duration_ps, latency_ps: duration_ps + tail_ps, charges: numbered(charges) };
}

function priceRows(
  { rows, chains }: RowSet,
  prices: readonly OpPrice[],
  { components, width }: Columns,
): Float64Array[] {
  const chain_ps = chains.measure(prices.map(({ latency_ps }) => latency_ps));
  return rows.map(({ ops, pools, times, chain }) => {
    const row = new Float64Array(width);
    for (let i = 0; i < ops.length; i++) {
      const { duration_ps, charges } = prices[ops[i]!]!;
      for (const { component, energy_pJ } of charges) row[component]! += times[i]! * energy_pJ;
      if (pools[i]! >= 0) row[components.length + pools[i]!]! += times[i]! * duration_ps;
    }
    row[width - 1] = chain_ps[chain]!;
    return row;
  });
}

import type { PriceList } from "../cost/price.ts";
import type { Op, Price } from "../model/op.ts";

/** Prices of op classes, each looked up once. */
export interface ClassPrices {
  readonly duration_ps: (opClass: number) => number;
  readonly price: (opClass: number) => Price;
  /** Of all classes that there are now. Whole ps. [classes] */
  readonly times: () => { readonly duration_ps: Float64Array; readonly tail_ps: Float64Array };
}

/** @param ops may grow; a class is priced when it is first asked for */
export function createClassPrices(ops: readonly Op[], prices: PriceList): ClassPrices {
  const known: Price[] = [];
  const price = (opClass: number): Price => {
    const found = known[opClass];
    if (found !== undefined) return found;
    for (let c = known.length; c <= opClass; c++) known.push(prices.price(ops[c]!));
    return known[opClass]!;
  };
  return {
    price,
    duration_ps: (opClass) => price(opClass).duration_ps,
    times: () => ({
      duration_ps: Float64Array.from(ops, (_, opClass) => price(opClass).duration_ps),
      tail_ps: Float64Array.from(ops, (_, opClass) => price(opClass).tail_ps),
    }),
  };
}

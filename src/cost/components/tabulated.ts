/** A published price of one function of a vector unit, given for blocks of elements. */
export interface TabulatedFunction {
  readonly block_elements: number;
  readonly block_ns: number;
  readonly block_pJ: number;
  readonly overhead_ns: number;
}

/** Elements are taken in whole blocks, one after the other; the overhead delays the result only. */
export function tabulatedCost(
  entry: TabulatedFunction,
  elements: number,
): {
  readonly blocks: number;
  readonly busy_ns: number;
  readonly tail_ns: number;
} {
  const blocks = Math.ceil(elements / entry.block_elements);
  return {
    blocks,
    busy_ns: blocks * entry.block_ns,
    tail_ns: entry.overhead_ns,
  };
}

import type { Op } from "../model/op.ts";

/** The distinct ops of a chip and workload, numbered as they are first met. */
export interface OpTable {
  /** Op class c is ops[c]; grows while lowering goes on. */
  readonly ops: readonly Op[];
  readonly classOf: (op: Op) => number;
}

export function createOpTable(): OpTable {
  const ops: Op[] = [];
  const numbers = new Map<string, number>();
  return {
    ops,
    classOf: (op) => {
      const key = Object.values(op).join(" ");
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, ops.length);
      return ops.push(op) - 1;
    },
  };
}

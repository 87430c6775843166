import type { Op } from "../model/op.ts";

/** The distinct ops of a chip and workload, numbered as they are first met. */
export interface OpTable {
  /** Op class c is ops[c]; grows while lowering goes on. */
  readonly ops: readonly Op[];
  readonly classOf: (op: Op) => number;
  /** The same for the two kinds that are asked for most, without making an object first. */
  readonly messageClass: (bytes: number) => number;
  readonly mvmClass: (tileKind: number, rows: number, cols: number) => number;
}

/** More rows or columns than a crossbar can have. */
const SPAN = 2 ** 17;

export function createOpTable(): OpTable {
  const ops: Op[] = [];
  const numbers = new Map<string, number>();
  const messages = new Map<number, number>();
  const mvms = new Map<number, number>();
  const classOf = (op: Op): number => {
    const key = Object.values(op).join(" ");
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, ops.length);
    return ops.push(op) - 1;
  };
  return {
    ops,
    classOf,
    messageClass: (bytes) =>
      messages.get(bytes) ?? remember(messages, bytes, classOf({ kind: "message", bytes })),
    mvmClass: (tileKind, rows, cols) => {
      const key = (tileKind * SPAN + rows) * SPAN + cols;
      return mvms.get(key) ?? remember(mvms, key, classOf({ kind: "mvm", tileKind, rows, cols }));
    },
  };
}

function remember(known: Map<number, number>, key: number, value: number): number {
  known.set(key, value);
  return value;
}

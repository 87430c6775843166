/** Which examples a step sees: a function of the step alone, so that training can go on anywhere. */
import { shuffle } from "../../random/philox.ts";
import type { LabelledBatch } from "../network.ts";
import type { Images } from "./digits.ts";
import type { Windows } from "./windows.ts";

/** Examples by number. */
export interface Examples {
  readonly items: number;
  /** @param which numbers of examples, repeats allowed */
  readonly gather: (which: ArrayLike<number>) => LabelledBatch;
}

export function imageExamples({ items, rows, cols, pixels, labels }: Images): Examples {
  const size = rows * cols;
  return {
    items,
    gather: (which) => ({
      examples: which.length,
      inputs: gatherRows(pixels, size, which, new Float32Array(which.length * size)),
      labels: gatherRows(labels, 1, which, new Int32Array(which.length)),
    }),
  };
}

export function windowExamples({ items, context_tokens, inputs, targets }: Windows): Examples {
  const room = (which: ArrayLike<number>): Int32Array =>
    new Int32Array(which.length * context_tokens);
  return {
    items,
    gather: (which) => ({
      examples: which.length,
      inputs: gatherRows(inputs, context_tokens, which, room(which)),
      labels: gatherRows(targets, context_tokens, which, room(which)),
    }),
  };
}

function gatherRows<T extends Float32Array | Int32Array>(
  from: T,
  size: number,
  which: ArrayLike<number>,
  out: T,
): T {
  for (let i = 0; i < which.length; i++)
    out.set(from.subarray(which[i]! * size, (which[i]! + 1) * size), i * size);
  return out;
}

/**
 * Batches that go through all examples in a random order, then through another one: every example
 * is seen equally often, to one.
 */
export function batchesOf(
  { items, gather }: Examples,
  batch_items: number,
  seed: number,
): (step: number) => LabelledBatch {
  let known: { readonly epoch: number; readonly order: Int32Array } | null = null;
  const orderOf = (epoch: number): Int32Array => {
    if (known?.epoch !== epoch) {
      const address = { seed, matrix: 0, block: 0, purpose: "data-order", row: epoch } as const;
      known = { epoch, order: shuffle(items, address) };
    }
    return known!.order;
  };
  return (step) =>
    gather(
      Int32Array.from({ length: batch_items }, (_, i) => {
        const at = step * batch_items + i;
        return orderOf(Math.floor(at / items))[at % items]!;
      }),
    );
}

/** All examples in order, in batches of at most so many. */
export function inOrder({ items, gather }: Examples, batch_items: number): LabelledBatch[] {
  return Array.from({ length: Math.ceil(items / batch_items) }, (_, b) => {
    const first = b * batch_items;
    const count = Math.min(batch_items, items - first);
    return gather(Int32Array.from({ length: count }, (_, i) => first + i));
  });
}

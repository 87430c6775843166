/** One priority queue of op ids per resource; the smallest id leaves first. */
export interface OpQueues {
  readonly isEmpty: (queue: number) => boolean;
  readonly push: (queue: number, op: number) => void;
  /** Only when not empty. */
  readonly pop: (queue: number) => number;
}

/**
 * Pairing heaps whose nodes are the ops themselves: 8 bytes an op for all queues together, and no
 * allocation while they are used. An op may be in one queue at a time.
 *
 * @source Fredman, Sedgewick, Sleator, Tarjan, "The pairing heap", Algorithmica 1, 1986.
 */
export function createOpQueues(queueCount: number, opCount: number): OpQueues {
  const root = new Int32Array(queueCount).fill(-1);
  const child = new Int32Array(opCount).fill(-1);
  const sibling = new Int32Array(opCount).fill(-1);

  const meld = (a: number, b: number): number => {
    const parent = Math.min(a, b);
    const other = Math.max(a, b);
    sibling[other] = child[parent]!;
    child[parent] = other;
    return parent;
  };

  /** Melds a list of siblings: in pairs from the left, then the pairs from the right. */
  const meldAll = (first: number): number => {
    let pairs = -1;
    for (let a = first; a !== -1; ) {
      const b = sibling[a]!;
      if (b === -1) {
        sibling[a] = pairs;
        pairs = a;
        break;
      }
      const next = sibling[b]!;
      const pair = meld(a, b);
      sibling[pair] = pairs;
      pairs = pair;
      a = next;
    }
    let heap = pairs;
    for (let pair = heap === -1 ? -1 : sibling[heap]!; pair !== -1; ) {
      const next = sibling[pair]!;
      heap = meld(heap, pair);
      pair = next;
    }
    if (heap !== -1) sibling[heap] = -1;
    return heap;
  };

  return {
    isEmpty: (queue) => root[queue]! === -1,
    push: (queue, op) => {
      root[queue] = root[queue]! === -1 ? op : meld(root[queue]!, op);
    },
    pop: (queue) => {
      const top = root[queue]!;
      root[queue] = meldAll(child[top]!);
      child[top] = -1;
      return top;
    },
  };
}

/** One priority queue of op ids per resource; the smallest id leaves first. */
export interface OpQueues {
  readonly isEmpty: (queue: number) => boolean;
  readonly push: (queue: number, op: number) => void;
  /** Only when not empty. */
  readonly pop: (queue: number) => number;
}

const NONE = -1;

/**
 * Each queue is a list and a heap, both linked through the ops themselves: 8 bytes an op for all
 * queues together, and no allocation while they are used. An op is queued once.
 *
 * Ops mostly become ready in the order of their ids; those join the end of the list. The others go
 * to a pairing heap. The smaller of the two fronts leaves first.
 *
 * @source Fredman, Sedgewick, Sleator, Tarjan, "The pairing heap", Algorithmica 1, 1986.
 */
export function createOpQueues(queueCount: number, opCount: number): OpQueues {
  const head = new Int32Array(queueCount).fill(NONE);
  const tail = new Int32Array(queueCount);
  const root = new Int32Array(queueCount).fill(NONE);
  const child = new Int32Array(opCount).fill(NONE);
  const sibling = new Int32Array(opCount).fill(NONE);

  const meld = (a: number, b: number): number => {
    const parent = Math.min(a, b);
    const other = Math.max(a, b);
    sibling[other] = child[parent]!;
    child[parent] = other;
    return parent;
  };

  /** Melds a list of siblings: in pairs from the left, then the pairs from the right. */
  const meldAll = (first: number): number => {
    let pairs = NONE;
    for (let a = first; a !== NONE; ) {
      const b = sibling[a]!;
      const next = b === NONE ? NONE : sibling[b]!;
      const pair = b === NONE ? a : meld(a, b);
      sibling[pair] = pairs;
      pairs = pair;
      a = next;
    }
    let heap = pairs;
    let pair = heap === NONE ? NONE : sibling[heap]!;
    while (pair !== NONE) {
      const next = sibling[pair]!;
      heap = meld(heap, pair);
      pair = next;
    }
    return heap;
  };

  const popHeap = (queue: number): number => {
    const top = root[queue]!;
    root[queue] = meldAll(child[top]!);
    return top;
  };

  return {
    isEmpty: (queue) => head[queue]! === NONE && root[queue]! === NONE,
    push: (queue, op) => {
      if (head[queue]! === NONE) head[queue] = op;
      else if (op > tail[queue]!) sibling[tail[queue]!] = op;
      else {
        root[queue] = root[queue]! === NONE ? op : meld(root[queue]!, op);
        return;
      }
      tail[queue] = op;
    },
    pop: (queue) => {
      const front = head[queue]!;
      if (front === NONE || (root[queue]! !== NONE && root[queue]! < front)) return popHeap(queue);
      head[queue] = sibling[front]!;
      return front;
    },
  };
}

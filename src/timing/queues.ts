/** One priority queue of op ids per resource; the smallest id leaves first. */
export interface OpQueues {
  readonly isEmpty: (queue: number) => boolean;
  readonly push: (queue: number, op: number) => void;
  /** Only when not empty. */
  readonly pop: (queue: number) => number;
}

/** In links between ops an op stands as its id + 1, so that memory comes ready for use. */
const NONE = 0;

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
  const head = new Int32Array(queueCount);
  const tail = new Int32Array(queueCount);
  const root = new Int32Array(queueCount);
  const child = new Int32Array(opCount + 1);
  const sibling = new Int32Array(opCount + 1);

  const adopt = (parent: number, other: number): number => {
    sibling[other] = child[parent]!;
    child[parent] = other;
    return parent;
  };
  const meld = (a: number, b: number): number => (a < b ? adopt(a, b) : adopt(b, a));

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

  return {
    isEmpty: (queue) => head[queue]! === NONE && root[queue]! === NONE,
    push: (queue, op) => {
      const link = op + 1;
      if (head[queue]! === NONE) head[queue] = link;
      else if (link > tail[queue]!) sibling[tail[queue]!] = link;
      else {
        root[queue] = root[queue]! === NONE ? link : meld(root[queue]!, link);
        return;
      }
      tail[queue] = link;
    },
    pop: (queue) => {
      const front = head[queue]!;
      const top = root[queue]!;
      if (front === NONE || (top !== NONE && top < front)) {
        root[queue] = meldAll(child[top]!);
        return top - 1;
      }
      head[queue] = sibling[front]!;
      return front - 1;
    },
  };
}
